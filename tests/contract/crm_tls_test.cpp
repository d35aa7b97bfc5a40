// The same over TLS: verified against an authority that the settings name, and only then.
#include <filesystem>

#include "crm_suite.hpp"
#include "http/test_certificates.hpp"

namespace aftercall::test {
namespace {

class OverTls : public testing::TestWithParam<crm::Row> {
 protected:
  void SetUp() override {
    world_ = world_of(GetParam().name);
    ASSERT_NE(world_, nullptr);
    const auto files = authority_.issue("DNS:localhost,IP:127.0.0.1");
    sandbox_ = std::make_unique<SandboxProcess>(
        std::vector<std::string>{"--world", world_->file, "--tls-cert", files.cert, "--tls-key", files.key});
  }
  http::Authority authority_;
  const World* world_ = nullptr;
  std::unique_ptr<SandboxProcess> sandbox_;
};
INSTANTIATE_TEST_SUITE_P(EveryCrm, OverTls, testing::ValuesIn(crm::catalog()), name_of);

TEST_P(OverTls, ASessionIsReadAndWritten) {
  ASSERT_EQ(sandbox_->address().substr(0, 8), "https://");
  Stand stand(*GetParam().entry, *world_, sandbox_->address(), {.ca_file = authority_.ca_file()});
  const auto found = stand.look({crm::ContactsByEmail{{"anna.obrien@contoso.example"}}});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_THAT(found->each.at(0)->contacts, testing::SizeIs(1));
  EXPECT_TRUE(stand.put_one(note_on(world_->anna, key_1)));
  EXPECT_THAT(stand.notes(), testing::SizeIs(1));
}

TEST_P(OverTls, NothingIsSentToWhoeverCannotProveItsName) {
  Stand trusting(*GetParam().entry, *world_, sandbox_->address(), {.ca_file = authority_.ca_file()});
  http::Client doubting(trusting.executor(), {});
  const auto answer = trusting.wait(doubting.send(std::get<http::Request>(
      GetParam().entry->token_request(trusting.connection(), world_->credentials).value())));
  doubting.close();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().cause, Cause::Unreachable);
}

}  // namespace
}  // namespace aftercall::test
