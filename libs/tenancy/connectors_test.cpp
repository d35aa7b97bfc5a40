#include "tenancy/connectors.hpp"

#include <gmock/gmock.h>

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "telemetry/metrics.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::tenancy {
namespace {

namespace asio = boost::asio;

class Nobody : public crm::Connector {
 public:
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override { co_return crm::Description{}; }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question>, crm::Call) override {
    crm::Answers answers;
    answers.spent.requests = 2;
    co_return answers;
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put>, crm::Call) override { co_return crm::Writes{}; }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put, Instant, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind, std::string, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
};

const crm::Entry entry{
    nullptr, nullptr, nullptr, nullptr,
    [](const Connection&, crm::TokenSource, http::Client&) -> std::unique_ptr<crm::Connector> {
      return std::make_unique<Nobody>();
    }};

ConnectionPtr connection(const std::string& crm) {
  Connection made;
  made.tenant = TenantId("acme");
  made.id = ConnectionId("anna");
  made.crm = crm;
  return std::make_shared<const Connection>(made);
}

class ConnectorsTest : public testing::Test {
 protected:
  asio::io_context io;
  http::Client client{io.get_executor(), {}};
  Connectors connectors{client, [](const Connection&) { return crm::TokenSource(); },
                        [](std::string_view crm) { return crm == "known" ? &entry : nullptr; }};
};

TEST_F(ConnectorsTest, KeepWhatTheyBuiltUntilTheRecordChanges) {
  const auto before = connection("known");
  const auto first = connectors.of(before);
  ASSERT_TRUE(first);
  EXPECT_EQ(*connectors.of(before), *first);
  EXPECT_NE(*connectors.of(connection("known")), *first);
}

TEST_F(ConnectorsTest, CountWhatIsAskedOfTheCrm) {
  const auto connector = connectors.of(connection("known"));
  asio::co_spawn(io, (*connector)->look({}, {}), [](const std::exception_ptr&, const auto&) {});
  asio::co_spawn(io, (*connector)->remove(ArtifactKind::Note, "1", {}),
                 [](const std::exception_ptr&, const auto&) {});
  io.run();
  EXPECT_THAT(telemetry::metrics_text(),
              testing::HasSubstr(
                  "aftercall_crm_requests_total{connector=\"known\",outcome=\"answered\",verb=\"look\"} 2"));
  EXPECT_THAT(
      telemetry::metrics_text(),
      testing::HasSubstr(
          "aftercall_crm_requests_total{connector=\"known\",outcome=\"rejected\",verb=\"remove\"} 1"));
}

TEST_F(ConnectorsTest, WaitForANewerReleaseWhenTheCrmIsNotKnown) {
  EXPECT_EQ(connectors.of(connection("unheard of")).error().cause, Cause::NeedsNewerStage);
}

TEST_F(ConnectorsTest, ServeAnAccountAsLongAsItIsTheTenants) {
  Connection made = *connection("known");
  made.account = CrmAccount("known:1");
  made.status = ConnectionStatus::Connected;
  wire::v1::TenantConfig message;
  *message.mutable_connection() = wire::to_wire(made);
  Record record;
  record.key = config_record::key(config_record::connection, made.tenant, made.id.str());
  record.value = message.SerializeAsString();
  Directory directory;
  directory.apply(record);
  const auto served = serving(directory, connectors, made.tenant, made.account, ConnectionId());
  ASSERT_TRUE(served) << served.error().detail;
  EXPECT_EQ(served->connection->id, made.id);
  EXPECT_EQ(served->connector, *connectors.of(served->connection));
  const auto refused = serving(directory, connectors, TenantId("other"), made.account, ConnectionId());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, Cause::SetupIncomplete);
}

TEST(Catalog, KnowsDynamics365) { EXPECT_NE(crm::find("dynamics365"), nullptr); }

}  // namespace
}  // namespace aftercall::tenancy
