#include "control/sign_in/connecting.hpp"

#include <gmock/gmock.h>

#include "control/test_world.hpp"

namespace aftercall::control {
namespace {

using testing::HasSubstr;
using Status = events::v1::Connection::Status;

class ConnectingTest : public World {};

TEST_F(ConnectingTest, AProbeThatWasOvertakenByADisconnectChangesNothing) {
  Instance& control = start();
  set_up(control);
  outside_.hang_below("/");
  std::thread probing([&] {
    api::ConnectResponse probed;
    outside_.missing({"prvSomething"});
    probe(control, Role::Admin, probed);
  });
  EXPECT_TRUE(eventually([&] { return outside_.hanging() == 1; }));
  api::ConnectionRecord record;
  ASSERT_TRUE(disconnect(control, record).ok());
  EXPECT_EQ(record.connection().status(), Status::disconnected);
  outside_.hang_below("");
  probing.join();
  api::GetConnectionRequest request;
  request.set_tenant("acme");
  request.set_id("crm");
  ASSERT_TRUE(
      api::Connections::NewStub(control.channel())->Get(as(Role::Viewer).get(), request, &record).ok());
  EXPECT_EQ(record.connection().status(), Status::disconnected);
  api::LeaseResponse leased;
  EXPECT_TRUE(lease(control, leased).ok());
  EXPECT_FALSE(leased.has_lease());
}

TEST_F(ConnectingTest, AProbeConnectsNothingThatAPersonDisconnected) {
  Instance& control = start();
  set_up(control);
  api::ConnectionRecord record;
  ASSERT_TRUE(disconnect(control, record).ok());
  api::ConnectResponse probed;
  const auto status = probe(control, Role::Admin, probed);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("connect it again"));
  ASSERT_TRUE(connect(control, "acme", probed).ok());
  EXPECT_EQ(probed.connection().connection().status(), Status::connected);
}

TEST_F(ConnectingTest, AnAccountBelongsToOneTenantAlsoWhenTwoConnectAtOnce) {
  Instance& control = start();
  api::ApplyRequest request = acme();
  request.add_tenants()->mutable_tenant()->set_id("other");
  *request.add_connections() = connection("other");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  outside_.hang_below("/");
  api::ConnectResponse one;
  api::ConnectResponse two;
  std::thread first([&] { connect(control, "acme", one); });
  std::thread second([&] { connect(control, "other", two); });
  EXPECT_TRUE(eventually([&] { return outside_.hanging() == 2; }));
  outside_.hang_below("");
  first.join();
  second.join();
  const auto status = [](const api::ConnectResponse& each) {
    return each.connection().connection().status();
  };
  EXPECT_NE(status(one), status(two)) << status(one);
}

}  // namespace
}  // namespace aftercall::control
