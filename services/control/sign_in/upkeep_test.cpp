#include "control/sign_in/upkeep.hpp"

#include <gmock/gmock.h>

#include "control/test_world.hpp"

namespace aftercall::control {
namespace {

class UpkeepTest : public World {
 protected:
  // What is missing, as the connection's status says.
  static std::string why(Instance& at, const std::string& id) {
    api::GetConnectionRequest request;
    request.set_tenant("acme");
    request.set_id(id);
    api::ConnectionRecord record;
    api::Connections::NewStub(at.channel())->Get(as(Role::Viewer).get(), request, &record);
    return record.connection().why();
  }
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
  outside_.hang_below("/slow");
  ASSERT_TRUE(eventually([&] { return outside_.hanging() > 0; }));
  outside_.missing({});
  EXPECT_TRUE(eventually([&] { return why(control, "crm").empty(); }, 10s)) << "half of what the other takes";
  EXPECT_EQ(why(control, "a-slow-one"), "missing: prvCreateNote");
}

}  // namespace
}  // namespace aftercall::control
