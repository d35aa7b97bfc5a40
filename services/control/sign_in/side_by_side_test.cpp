#include "control/sign_in/side_by_side.hpp"

#include <gmock/gmock.h>

#include <map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::control {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

tenancy::ConnectionPtr connection(const std::string& id) {
  Connection made;
  made.tenant = TenantId("acme");
  made.id = ConnectionId(id);
  return std::make_shared<const Connection>(made);
}

class SideBySideTest : public testing::Test {
 protected:
  ~SideBySideTest() override {
    side.stop();
    hangs.clear();
    run();
  }

  // Hangs until the test lets it go.
  static asio::awaitable<void> work(SideBySideTest* test, std::string id) {
    test->begun.push_back(id);
    auto& hanging =
        test->hangs.try_emplace(id, test->io, asio::steady_timer::time_point::max()).first->second;
    boost::system::error_code woken;
    co_await hanging.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  void let_go(const std::string& id) {
    hangs.erase(id);
    run();
  }
  void begin(const std::vector<std::string>& ids) {
    std::vector<tenancy::ConnectionPtr> connections;
    for (const auto& id : ids) connections.push_back(connection(id));
    side.begin(connections);
    run();
  }
  void run() {
    io.restart();
    io.poll();
  }

  asio::io_context io;
  process::Tasks tasks{io.get_executor()};
  std::vector<std::string> begun;
  std::map<std::string, asio::steady_timer> hangs;
  SideBySide side{tasks, "work",
                  [this](const tenancy::ConnectionPtr& each) { return work(this, each->id.str()); }};
};

TEST_F(SideBySideTest, OneThatHangsDelaysNoOther) {
  begin({"hangs", "a", "b"});
  EXPECT_THAT(begun, ElementsAre("hangs", "a", "b"));
  let_go("a");
  begin({"c"});
  EXPECT_THAT(begun, ElementsAre("hangs", "a", "b", "c"));
}

TEST_F(SideBySideTest, NoMoreThanAFewAreAtWork) {
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back(std::to_string(i));
  begin(many);
  EXPECT_THAT(begun, SizeIs(SideBySide::at_once));
  let_go("3");
  EXPECT_THAT(begun, SizeIs(SideBySide::at_once + 1));
  for (int round = 0; round < 20; ++round)
    for (const auto& id : many) let_go(id);
  EXPECT_THAT(begun, SizeIs(20));
  EXPECT_THAT(tasks.names(), IsEmpty());
}

TEST_F(SideBySideTest, OneIsDoneOnceAtATimeAndOnceMoreWhenItIsWantedMeanwhile) {
  begin({"a"});
  begin({"a"});
  begin({"a", "b"});
  EXPECT_THAT(begun, ElementsAre("a", "b"));
  let_go("a");
  EXPECT_THAT(begun, ElementsAre("a", "b", "a"));
  let_go("a");
  EXPECT_THAT(begun, SizeIs(3));
}

TEST_F(SideBySideTest, StoppingGivesUpTheLine) {
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back(std::to_string(i));
  begin(many);
  side.stop();
  for (const auto& id : many) let_go(id);
  EXPECT_THAT(begun, SizeIs(SideBySide::at_once));
  EXPECT_THAT(begun, Not(Contains("19")));
}

}  // namespace
}  // namespace aftercall::control
