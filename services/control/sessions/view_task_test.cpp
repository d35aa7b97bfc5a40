#include "control/sessions/view_task.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/memory.hpp"
#include "control/sessions/records_for_tests.hpp"
#include "view/test_full_disk.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

class ViewTaskTest : public testing::Test {
 protected:
  ViewTaskTest()
      : file_(std::filesystem::temp_directory_path() / ("aftercall-view-task-" + std::to_string(getpid()))) {
    clean();
    for (const auto topic :
         {wire::topic::session_finished, wire::topic::contact_matched, wire::topic::note_ready,
          wire::topic::session_settled, wire::topic::event_deferred})
      bus_.create(example::names.of(topic), 1);
  }
  ~ViewTaskTest() override {
    task_.stop();
    EXPECT_TRUE(until([&] { return ended_.has_value(); }));
    clean();
  }
  void clean() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file_.string() + end);
  }
  bool until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) io_.run_one_for(10ms);
    return holds();
  }
  void start() {
    asio::co_spawn(io_, task_.run(example::names.of(wire::topic::session_finished)),
                   [&](const std::exception_ptr& thrown, Result<void> result) {
                     ended_ =
                         thrown ? fail(Cause::Crashed, "it threw, and control with it") : std::move(result);
                   });
  }
  void publish(Record record) {
    Draft draft{record.at.topic, record.key, record.value, record.headers, 0};
    asio::co_spawn(io_, producer_->publish(std::move(draft)),
                   [](const std::exception_ptr&, const Result<Position>&) {});
  }
  std::size_t facts() const {
    const auto view = task_.view();
    return view ? (*view)->facts_of("acme/meetings/s1").size() : 0;
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  std::filesystem::path file_;
  bus::MemoryBus bus_{io_.get_executor()};
  std::unique_ptr<bus::Producer> producer_ = bus_.producer({});
  stage::RealClock clock_{io_.get_executor()};
  ViewTask task_{bus_, clock_, file_, example::names};
  std::optional<Result<void>> ended_;
};

TEST_F(ViewTaskTest, StandsStillWhileItsDiskIsFullAndMissesNothing) {
  start();
  ASSERT_TRUE(until([&] { return task_.caught_up(); }));
  publish(example::finished(1, 1));
  ASSERT_TRUE(until([&] { return facts() == 1; }));
  {
    const view::FullDisk full;
    publish(example::finished(2, 2));
    ASSERT_TRUE(until([&] { return task_.stands_still().has_value(); }));
    const auto view = task_.view();
    ASSERT_FALSE(view) << "an old story would be believed";
    EXPECT_EQ(view.error().cause, Cause::Unreachable);
    EXPECT_THAT(view.error().detail, testing::HasSubstr("make room in " + file_.parent_path().string()));
    EXPECT_FALSE(ended_);
  }
  EXPECT_TRUE(until([&] { return facts() == 2; }));
  EXPECT_FALSE(task_.stands_still());
}

TEST_F(ViewTaskTest, OpensItsViewOnceThereIsRoomForIt) {
  publish(example::finished(1, 1));
  {
    const view::FullDisk full;
    start();
    ASSERT_TRUE(until([&] { return task_.stands_still().has_value(); }));
  }
  EXPECT_TRUE(until([&] { return facts() == 1; }));
}

}  // namespace
}  // namespace aftercall::control
