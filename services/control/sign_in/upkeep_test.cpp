#include "control/sign_in/upkeep.hpp"

#include <gmock/gmock.h>

#include "control/test_world.hpp"

namespace aftercall::control {
namespace {

using Status = events::v1::Connection::Status;

class UpkeepTest : public World {
 protected:
  static events::v1::Connection now(Instance& at, const std::string& id) {
    api::GetConnectionRequest request;
    request.set_tenant("acme");
    request.set_id(id);
    api::ConnectionRecord record;
    api::Connections::NewStub(at.channel())->Get(as(Role::Viewer).get(), request, &record);
    return record.connection();
  }
  static std::string why(Instance& at, const std::string& id) { return now(at, id).why(); }
  static Status::Value status(Instance& at) { return now(at, "crm").status(); }
};

TEST_F(UpkeepTest, ACrmThatHangsDelaysNoOtherConnectionsProbe) {
  outside_.missing({"prvCreateNote"});
  Instance& control = start();
  set_up(control);
  api::ApplyRequest request;
  auto& slow = *request.add_connections() = connection("acme");
  slow.set_id("a-slow-one");  // it is looked at first
  slow.set_url(crm_url() + "/slow");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  ASSERT_TRUE(eventually([&] { return why(control, "a-slow-one") == "missing: prvCreateNote"; }));
  outside_.hang_below("/slow/");
  ASSERT_TRUE(eventually([&] { return outside_.hanging() > 0; }));
  outside_.missing({});
  EXPECT_TRUE(eventually([&] { return why(control, "crm").empty(); }, 10s)) << "half of what the other takes";
  EXPECT_EQ(why(control, "a-slow-one"), "missing: prvCreateNote");
}

TEST_F(UpkeepTest, AStopWaitsForNoProbeOfACrmThatHangs) {
  outside_.missing({"prvCreateNote"});
  set_up(start());
  outside_.hang_below("/");
  ASSERT_TRUE(eventually([&] { return outside_.hanging() > 0; }));
  const auto begun = std::chrono::steady_clock::now();
  first_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s) << "half of what the CRM is given";
}

TEST_F(UpkeepTest, ARefreshTokenThatNobodyUsesIsUsedWeekly) {
  outside_.answer_tokens(200, "access-# 3600 refresh-1");
  Instance& control = start();
  set_up(control);
  ASSERT_EQ(outside_.token_requests().size(), 1U);
  control.pass(8 * 24h);
  ASSERT_TRUE(eventually([&] {
    control.pass(1h);  // it may see the token only now, for the first time
    return outside_.token_requests().size() > 1;
  }));
  EXPECT_EQ(outside_.token_requests()[1], "the-client-secret refresh-1");
  EXPECT_EQ(status(control), Status::connected);
}

TEST_F(UpkeepTest, ASignInThatWasLostWhileNobodyUsedItIsOnRecord) {
  outside_.answer_tokens(200, "access-# 3600 refresh-1");
  Instance& control = start();
  set_up(control);
  outside_.answer_tokens(400, "");
  control.pass(8 * 24h);
  EXPECT_TRUE(eventually([&] {
    control.pass(1h);
    return status(control) == Status::reconnect_needed;
  }));
  EXPECT_EQ(why(control, "crm"), "the sign-in was revoked");
}

}  // namespace
}  // namespace aftercall::control
