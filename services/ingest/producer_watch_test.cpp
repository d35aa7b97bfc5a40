#include "ingest/producer_watch.hpp"

#include <gmock/gmock.h>

#include "http/test_world.hpp"

namespace aftercall::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

// A producer that gets ready at the nth try and is lost when a test says so.
class Producer final : public bus::Producer {
 public:
  asio::awaitable<Result<Position>> publish(Draft /*draft*/) override { co_return Position{}; }
  asio::awaitable<Result<void>> ready(bus::Deadline /*deadline*/) override {
    if (++tries < ready_at) co_return fail(Cause::SetupIncomplete, "there is no topic");
    co_return Result<void>();
  }
  asio::awaitable<Result<void>> flush(bus::Deadline /*deadline*/) override { co_return Result<void>(); }
  asio::awaitable<Result<int>> partitions(std::string /*topic*/, bus::Deadline /*deadline*/) override {
    co_return 1;
  }
  std::optional<std::string> fatal() const override { return lost; }

  int tries = 0;
  int ready_at = 1;
  std::optional<std::string> lost;
};

class ProducerWatchTest : public testing::Test {
 protected:
  void begin() {
    asio::co_spawn(world_.context, watch.run([this](Failure why) { losses.push_back(why.detail); }),
                   [this](std::exception_ptr) { ended = true; });
  }
  template <class Condition>
  bool until(Condition condition) {
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < latest) {
      world_.context.restart();
      world_.context.run_one_for(std::chrono::milliseconds(100));
    }
    return condition();
  }

 private:
  http::World world_;

 protected:
  Producer producer;
  ProducerWatch watch{world_.context.get_executor(), producer};
  std::vector<std::string> losses;
  bool ended = false;
};

TEST_F(ProducerWatchTest, IsReadyOnceTheTopicIsKnown) {
  producer.ready_at = 2;
  begin();
  EXPECT_TRUE(until([&] { return producer.tries == 1; }));
  EXPECT_THAT(watch.why_not(), Optional(HasSubstr("session.finished")));
  EXPECT_TRUE(until([&] { return !watch.why_not(); }));
  watch.stop();
  EXPECT_TRUE(until([&] { return ended; }));
  EXPECT_EQ(producer.tries, 2);
  EXPECT_THAT(losses, IsEmpty());
}

TEST_F(ProducerWatchTest, TellsTheLossOnceAndIsNoMoreReady) {
  begin();
  EXPECT_TRUE(until([&] { return !watch.why_not(); }));
  producer.lost = "fenced";
  EXPECT_THAT(watch.why_not(), Optional(HasSubstr("fenced")));
  EXPECT_TRUE(until([&] { return ended; }));
  EXPECT_THAT(losses, ElementsAre(HasSubstr("fenced")));
}

}  // namespace
}  // namespace aftercall::ingest
