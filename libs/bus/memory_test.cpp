// What only the bus in memory can do; what every bus promises is in tests/contract.
#include "bus/memory.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MemoryTest : public testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(task),
                   [&result](const std::exception_ptr&, T value) { result = std::move(value); });
    io.restart();
    io.run_for(10s);
    return result.value();
  }
  void publish(const std::string& key, std::optional<std::string> value) {
    Draft draft{"rows", key, std::move(value), {}, 0};
    run(to->publish(std::move(draft))).value();
  }

  asio::io_context io;
  MemoryBus bus{io.get_executor()};
  std::unique_ptr<Producer> to = bus.producer({});
};

TEST_F(MemoryTest, CompactionLeavesTheNewestOfEachKeyAndReadersStepOverTheGaps) {
  bus.create("rows", 1);
  publish("a", "1");
  publish("b", "2");
  publish("a", "3");
  publish("b", std::nullopt);
  bus.compact("rows");
  ASSERT_THAT(bus.records("rows", 0), SizeIs(2));
  const auto reader = bus.reader({{"rows", 0, 1}});
  const auto got = run(reader->read(10, within(5s))).value();
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_EQ(got[0].at.offset, 2);
  EXPECT_EQ(got[1].value, std::nullopt);
  EXPECT_TRUE(reader->caught_up());
}

TEST_F(MemoryTest, ABusThatIsDownDeliversNothing) {
  bus.create("rows", 1);
  publish("a", "1");
  const auto reader = bus.reader({{"rows", 0}});
  bus.down(true);
  EXPECT_THAT(run(reader->read(10, within(50ms))).value(), IsEmpty());
  EXPECT_FALSE(reader->caught_up());
  bus.down(false);
  EXPECT_THAT(run(reader->read(10, within(5s))).value(), SizeIs(1));
}

}  // namespace
}  // namespace aftercall::bus
