#include "tenancy/lease.hpp"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "tenancy/held_lease.hpp"

namespace aftercall::tenancy {
namespace {

namespace v1 = aftercall::control::v1;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// Control as a stage sees it: hands out "token 1", "token 2", … and notes what it was asked.
class Control : public v1::Credentials::Service {
 public:
  Control() { start("127.0.0.1:0"); }
  ~Control() override { stop(); }

  void start(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  void stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Lease(grpc::ServerContext* context, const v1::LeaseRequest* request,
                     v1::LeaseResponse* response) override {
    const std::lock_guard lock(mutex);
    asked.push_back(*request);
    const auto& metadata = context->client_metadata();
    const auto bearer = metadata.find("authorization");
    if (bearer != metadata.end()) authorization = std::string(bearer->second.data(), bearer->second.size());
    if (request->connection() == hangs) return {grpc::StatusCode::DEADLINE_EXCEEDED, "no answer in time"};
    if (refusal) {
      *response->mutable_refusal() = *refusal;
      return grpc::Status::OK;
    }
    response->mutable_lease()->set_id("lease " + std::to_string(asked.size()));
    response->mutable_lease()->set_access_token("token " + std::to_string(asked.size()));
    response->mutable_lease()->set_valid_for_ms(valid_for.count());
    return grpc::Status::OK;
  }

  std::mutex mutex;
  std::vector<v1::LeaseRequest> asked;
  std::string authorization;
  std::optional<v1::Refusal> refusal;
  std::string hangs;  // a connection
  std::chrono::milliseconds valid_for = 1h;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class LeasesTest : public testing::Test {
 protected:
  LeaseSettings settings() const {
    LeaseSettings made;
    made.control = control.address();
    made.token = Secret("stage secret");
    made.deadline = 5s;
    made.rest = 50ms;
    return made;
  }

  // Runs until `count` calls have an answer each.
  std::vector<Result<Secret>> tokens(Leases& leases, int count, const std::string& refused = "",
                                     const std::string& connection = "anna") {
    std::vector<Result<Secret>> answers;
    for (int i = 0; i < count; ++i)
      asio::co_spawn(io, leases.token(TenantId("acme"), ConnectionId(connection), Secret(refused)),
                     [&](const std::exception_ptr& thrown, Result<Secret> answer) {
                       if (thrown) std::rethrow_exception(thrown);
                       answers.push_back(std::move(answer));
                     });
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::ssize(answers) < count && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_for(10ms);
    }
    return answers;
  }
  std::string token(Leases& leases, const std::string& refused = "") {
    const auto answers = tokens(leases, 1, refused);
    if (answers.empty()) return "no answer";
    return answers[0] ? std::string(answers[0]->reveal()) : std::string(name_of(answers[0].error().cause));
  }

  // Asks again and again, until the answer begins so.
  std::string until(Leases& leases, const std::string& beginning) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    std::string got;
    while (!got.starts_with(beginning) && std::chrono::steady_clock::now() < deadline) {
      got = token(leases);
      io.restart();
      io.run_for(10ms);
    }
    return got;
  }

  Control control;
  asio::io_context io;
};

TEST_F(LeasesTest, AskOnceHoweverManyWait) {
  Leases leases(io.get_executor(), settings());
  const auto answers = tokens(leases, 50);
  ASSERT_THAT(answers, SizeIs(50));
  for (const auto& answer : answers) EXPECT_EQ(answer->reveal(), "token 1");
  EXPECT_THAT(control.asked, SizeIs(1));
  EXPECT_EQ(control.authorization, "Bearer stage secret");
}

TEST_F(LeasesTest, ServeFromMemoryWhileTheTokenIsYoung) {
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), "token 1");
  EXPECT_EQ(token(leases), "token 1");
  EXPECT_EQ(leases.calls(), 1U);
}

TEST_F(LeasesTest, GetAnotherForATokenThatWasRefusedAndSayWhich) {
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), "token 1");
  EXPECT_EQ(token(leases, "token 1"), "token 2");
  EXPECT_EQ(control.asked.back().refused_lease(), "lease 1");
  EXPECT_EQ(token(leases, "token 1"), "token 2");  // late news of the old one costs nothing
  EXPECT_EQ(leases.calls(), 2U);
}

TEST_F(LeasesTest, GoOnWithWhatWasLeasedWhileControlIsAway) {
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), "token 1");
  control.stop();
  EXPECT_EQ(token(leases), "token 1");
}

TEST_F(LeasesTest, HaveNoLeaseOnceItRanOutAndGoOnWhenControlIsBack) {
  control.valid_for = 100ms;
  Leases leases(io.get_executor(), settings());
  EXPECT_THAT(token(leases), StartsWith("token"));
  control.stop();
  EXPECT_THAT(until(leases, "no_lease"), StartsWith("no_lease"));
  control.start(control.address());
  EXPECT_THAT(until(leases, "token"), StartsWith("token"));
}

TEST_F(LeasesTest, KnowWhenNoneIsLeftAndAskUntilControlIsBack) {
  control.valid_for = 100ms;
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(leases.none_left(), std::nullopt) << "nobody needed one yet";
  EXPECT_THAT(token(leases), StartsWith("token"));
  EXPECT_EQ(leases.none_left(), std::nullopt);
  control.stop();
  EXPECT_THAT(until(leases, "no_lease"), StartsWith("no_lease"));
  EXPECT_THAT(leases.none_left(), testing::Optional(HasSubstr("leases no access token")));
  control.start(control.address());
  control.valid_for = 1h;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (leases.none_left() && std::chrono::steady_clock::now() < deadline) {
    io.restart();
    io.run_for(10ms);
  }
  EXPECT_EQ(leases.none_left(), std::nullopt) << "without anybody else's asking";
}

TEST_F(LeasesTest, OneSignInThatHangsMakesNobodyElseStandStill) {
  control.valid_for = 0ms;  // has run out when it comes
  control.hangs = "zoe";
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), "no_lease");
  control.valid_for = 1h;
  const auto answers = tokens(leases, 1, "", "zoe");
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_FALSE(answers[0]);
  EXPECT_NE(leases.none_left(), std::nullopt) << "who knows";
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (leases.none_left() && std::chrono::steady_clock::now() < deadline) {
    io.restart();
    io.run_for(10ms);
  }
  EXPECT_EQ(leases.none_left(), std::nullopt) << "the other connection's lease was had";
}

TEST_F(LeasesTest, ARefusalIsNoReasonToStandStill) {
  control.refusal.emplace().set_cause(std::string(name_of(Cause::NotAuthorized)));
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), name_of(Cause::NotAuthorized));
  EXPECT_EQ(leases.none_left(), std::nullopt);
}

TEST_F(LeasesTest, SayWhatAPersonMustDo) {
  control.refusal.emplace().set_cause(std::string(name_of(Cause::NotAuthorized)));
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), name_of(Cause::NotAuthorized));
}

TEST_F(LeasesTest, CallAnyOtherRefusalNoLeaseAndRestAWhile) {
  control.refusal.emplace().set_cause(std::string(name_of(Cause::Timeout)));
  control.refusal->set_retry_after_ms(60'000);
  Leases leases(io.get_executor(), settings());
  EXPECT_EQ(token(leases), name_of(Cause::NoLease));
  EXPECT_EQ(token(leases), name_of(Cause::NoLease));
  EXPECT_EQ(leases.calls(), 1U);
}

TEST_F(LeasesTest, RefuseToSendTheirTokenOverAnOpenNetworkInPlainText) {
  LeaseSettings open = settings();
  open.control = "control.example:9090";
  EXPECT_THROW(Leases(io.get_executor(), open), std::runtime_error);
}

TEST(HeldLease, IsRenewedAtFourFifthsAndGivenUpShortlyBeforeItsEnd) {
  const HeldLease::Time start{};
  const HeldLease lease = held_from("1", Secret("t"), start, 100s);
  EXPECT_EQ(use_of(lease, start + 79s), Use::AsItIs);
  EXPECT_EQ(use_of(lease, start + 80s), Use::WhileRenewing);
  EXPECT_EQ(use_of(lease, start + 94s), Use::WhileRenewing);
  EXPECT_EQ(use_of(lease, start + 95s), Use::NotAtAll);
  EXPECT_EQ(use_of(std::nullopt, start), Use::NotAtAll);
}

}  // namespace
}  // namespace aftercall::tenancy
