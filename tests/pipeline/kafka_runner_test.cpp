// The runner's headlines once more on a real Kafka, in processes that are really killed.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "aftercall/events/v1/event_deferred.pb.h"
#include "bus/kafka.hpp"
#include "wire/envelope.hpp"
#include "wire/keys.hpp"
#include "wire/topics.hpp"

namespace aftercall::stage {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::SizeIs;

class KafkaRunner : public testing::Test {
 protected:
  KafkaRunner() : folder_(std::filesystem::temp_directory_path() / ("runner." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    const char* const file = std::getenv("AFTERCALL_KAFKA_BOOTSTRAP_FILE");
    if (file == nullptr) throw std::runtime_error("run it by ctest, which starts Kafka");
    std::getline(std::ifstream(file) >> std::ws, bootstrap_);
    static int tests = 0;
    names_.prefix = "runner." + std::to_string(::getpid()) + "." + std::to_string(++tests) + ".";
    bus_ = bus::open(io_.get_executor(), {.bootstrap = bootstrap_, .client_id = names_.prefix}).value();
  }
  ~KafkaRunner() override {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  void create_topics(int partitions) {
    std::vector<bus::TopicSpec> specs;
    for (const auto* name : {"session.finished", "contact.matched", "session.settled", "event.deferred"})
      specs.push_back({names_.of(name), partitions, 1, {}});
    const auto admin = bus_->admin();
    ASSERT_TRUE(run(admin->create_or_compare(specs, bus::within(30s))));
    producer_ = bus_->producer({.topics = {names_.of("session.finished")}});
    ASSERT_TRUE(run(producer_->ready(bus::within(30s))));
  }

  void publish(const std::string& session) {
    wire::Envelope envelope;
    envelope.id = "id-of-" + session;
    envelope.tenant = TenantId("t1");
    const auto key = wire::key_of({envelope.tenant, SourceId("src"), SessionId(session)});
    Draft draft{names_.of("session.finished"), key, "value", wire::headers_of(envelope)};
    ++unacked_;
    asio::co_spawn(io_, producer_->publish(std::move(draft)),
                   [this](const std::exception_ptr&, const Result<Position>& at) { unacked_ -= at ? 1 : 0; });
  }
  void wait_for_acks() {
    ASSERT_TRUE(until([this] { return unacked_ == 0; }));
  }

  // With an instance's name the group gives the next process of that name its partitions at once.
  pid_t start(const std::string& name, const char* instance = nullptr) {
    const std::string in_hand = (folder_ / (name + ".in_hand")).string();
    const std::string notes = notes_of(name);
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(RUNNER_CHILD, RUNNER_CHILD, bootstrap_.c_str(), names_.prefix.c_str(), notes.c_str(),
              in_hand.c_str(), instance, nullptr);
      std::_Exit(127);
    }
    children_.push_back(child);
    return child;
  }
  int end(pid_t child, int signal) {
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::erase(children_, child);
    return status;
  }
  // Whether it ended by itself, by this signal.
  bool died_of(pid_t child, int signal) {
    int status = 0;
    const bool ended = until([&] { return ::waitpid(child, &status, WNOHANG) == child; });
    if (ended) std::erase(children_, child);
    return ended && WIFSIGNALED(status) && WTERMSIG(status) == signal;
  }
  std::string notes_of(const std::string& name) const { return (folder_ / name).string(); }
  std::vector<std::string> started(const std::string& name) const {
    std::vector<std::string> lines;
    std::ifstream file(notes_of(name));
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::int64_t committed() {
    const auto admin = bus_->admin();
    const auto state =
        run(admin->group(names_.prefix + "matcher", names_.of("session.finished"), bus::within(10s)));
    std::int64_t all = 0;
    if (state)
      for (const auto& lag : state->lag) all += lag.committed.value_or(0);
    return all;
  }

  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&result](const std::exception_ptr& thrown, T value) {
      if (thrown) std::rethrow_exception(thrown);
      result = std::move(value);
    });
    while (!result) io_.run_one_for(20ms);
    return std::move(*result);
  }
  bool until(const std::function<bool()>& holds) {
    for (const auto deadline = bus::within(40s); std::chrono::steady_clock::now() < deadline;) {
      if (holds()) return true;
      io_.run_for(20ms);
    }
    return false;
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  std::filesystem::path folder_;
  std::string bootstrap_;
  wire::TopicNames names_;
  std::unique_ptr<bus::Bus> bus_;
  std::unique_ptr<bus::Producer> producer_;
  int unacked_ = 0;
  std::vector<pid_t> children_;
};

TEST_F(KafkaRunner, AfterAKillExactlyWhatIsNotCommittedIsReadAgain) {
  create_topics(1);
  std::vector<std::string> later{"held"};
  for (int i = 0; i < 100; ++i) publish("before" + std::to_string(i));
  publish("held");
  for (int i = 0; i < 500; ++i) publish(later.emplace_back("later" + std::to_string(i)));
  wait_for_acks();
  const pid_t first = start("first");
  ASSERT_TRUE(until([&] { return started("first").size() == 601; }));
  ASSERT_TRUE(until([&] { return committed() == 100; }));
  end(first, SIGKILL);
  std::ofstream(notes_of("second") + ".release");
  start("second");
  ASSERT_TRUE(until([&] { return committed() == 601; }));
  EXPECT_THAT(started("second"), ElementsAreArray(later));
}

TEST_F(KafkaRunner, WhatKilledTheProcessFourTimesIsDeadAndThePartitionGoesOn) {
  create_topics(1);
  publish("killer");
  publish("next");
  wait_for_acks();
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(died_of(start("it", "it"), SIGKILL)) << i;
  const pid_t fifth = start("it", "it");
  ASSERT_TRUE(until([&] { return committed() == 2; }));
  EXPECT_EQ(end(fifth, SIGTERM), 0);
  EXPECT_THAT(started("it"), ElementsAre("killer", "killer", "killer", "killer", "next"));
  const auto reader = bus_->reader({{names_.of("event.deferred"), 0, 0}});
  const auto deferred = run(reader->read(10, bus::within(10s)));
  ASSERT_TRUE(deferred);
  ASSERT_THAT(*deferred, SizeIs(1));
  events::v1::EventDeferred message;
  ASSERT_TRUE(message.ParseFromString(deferred->at(0).value.value_or("")));
  EXPECT_EQ(message.kind(), events::v1::EventDeferred::Kind::dead);
  EXPECT_EQ(message.cause(), name_of(Cause::Crashed));
}

TEST_F(KafkaRunner, MembersComeAndGoUnderLoadAndNoStepRunsTwice) {
  create_topics(6);
  constexpr int sessions = 6000;
  for (int i = 0; i < sessions; ++i) publish(std::to_string(i));
  wait_for_acks();
  const auto all = [this] {
    std::vector<std::string> lines;
    for (const auto* name : {"a", "b", "c"})
      for (auto& line : started(name)) lines.push_back(std::move(line));
    return lines;
  };
  const pid_t a = start("a");
  ASSERT_TRUE(until([&] { return started("a").size() > 300; }));
  start("b");
  ASSERT_TRUE(until([&] { return started("b").size() > 100; }));
  const int status = end(a, SIGTERM);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  start("c");
  ASSERT_TRUE(until([&] { return committed() == sessions; }));
  auto steps = all();
  EXPECT_THAT(steps, SizeIs(sessions));
  std::sort(steps.begin(), steps.end());
  EXPECT_EQ(std::adjacent_find(steps.begin(), steps.end()), steps.end()) << "a step ran twice";
}

}  // namespace
}  // namespace aftercall::stage
