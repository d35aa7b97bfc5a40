#include "bus_world.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <boost/asio/steady_timer.hpp>

#include "bus/kafka.hpp"
#include "bus/memory.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;

class MemoryWorld final : public World {
 public:
  Bus& bus() override { return bus_; }
  std::string topic(int partitions) override {
    topic_name_ = "topic-" + std::to_string(++topics_);
    bus_.create(topic_name_, partitions);
    return topic_name_;
  }
  std::unique_ptr<Consumer> outsider(ConsumerSettings settings) override {
    return bus_.consumer(std::move(settings));
  }
  void expel(Consumer& outsider, std::function<bool()> holds) override {
    MemoryBus::expel(outsider);
    if (!until(holds)) throw std::runtime_error("the group did not go on without the outsider");
  }
  void down(bool is_down) override { bus_.down(is_down); }
  void turn() override { io_.run_one_for(10ms); }

 private:
  MemoryBus bus_{io_.get_executor()};
  int topics_ = 0;
};

std::string unique_name() {
  static int count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return "contract." + std::to_string(::getpid()) + "." +
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + "." +
         std::to_string(++count);
}

Settings settings_for(const std::string& bootstrap) {
  Settings settings{.bootstrap = bootstrap, .client_id = unique_name()};
  if (std::getenv("AFTERCALL_TEST_LOG") != nullptr)
    settings.log = [](Severity, std::string_view text) { std::cerr << "librdkafka: " << text << '\n'; };
  return settings;
}

class KafkaWorld : public World {
 public:
  explicit KafkaWorld(const std::string& bootstrap)
      : bus_(open(io_.get_executor(), settings_for(bootstrap)).value()),
        side_bus_(open(side_.get_executor(), settings_for(bootstrap)).value()) {}

  Bus& bus() override { return *bus_; }
  std::string topic(int partitions) override {
    topic_name_ = unique_name();
    const auto admin = bus_->admin();
    const TopicSpec spec{topic_name_, partitions, 1, {{"max.message.bytes", "4194304"}}};
    run(admin->create_or_compare({spec}, within(30s))).value();
    const auto producer = bus_->producer({.topics = {topic_name_}});
    if (const auto ready = run(producer->ready(within(30s))); !ready)
      throw std::runtime_error(ready.error().detail);
    return topic_name_;
  }
  // It runs in a loop of its own, which can stand still while the rest goes on.
  std::unique_ptr<Consumer> outsider(ConsumerSettings settings) override {
    settings.max_poll_interval = settings.session_timeout;
    return side_bus_->consumer(std::move(settings));
  }
  void expel(Consumer&, std::function<bool()> holds) override {
    side_stands_still_ = true;
    const bool went_on = until(holds);
    side_stands_still_ = false;
    if (!went_on) throw std::runtime_error("the group did not go on without the outsider");
  }
  void down(bool) override { throw std::logic_error("this broker is shared"); }
  void turn() override {
    io_.run_one_for(5ms);
    io_.poll();
    if (!side_stands_still_) side_.poll();
  }

 private:
  asio::io_context side_;
  asio::executor_work_guard<asio::io_context::executor_type> side_working_ = asio::make_work_guard(side_);
  std::unique_ptr<Bus> bus_, side_bus_;
  bool side_stands_still_ = false;
};

std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("there is no broker's address in " + path);
  return line;
}

// A broker of its own, which starts with the first test that needs it and ends with the last.
class OwnBroker {
 public:
  OwnBroker() : folder_(std::filesystem::temp_directory_path() / unique_name()) { start(); }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;
  ~OwnBroker() {
    static_cast<void>(kafka("stop --now"));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  void start() {
    if (kafka("start --port 0 --controller-port 0") != 0) throw std::runtime_error("Kafka does not start");
  }
  void restart() {
    if (kafka("start") != 0) throw std::runtime_error("Kafka does not start again");
  }
  void stop() {
    if (kafka("stop") != 0) throw std::runtime_error("Kafka does not stop");
  }
  std::string bootstrap() const { return contents_of(folder_ / "bootstrap"); }

 private:
  int kafka(const std::string& what) const {
    const std::string command =
        std::string(PROJECT_DIR "/deploy/kafka/kafka ") + what + " --dir '" + folder_.string() + "' >&2";
    return std::system(command.c_str());  // NOLINT(cert-env33-c): our own script
  }
  std::filesystem::path folder_;
};

OwnBroker& own_broker() {
  static OwnBroker broker;
  return broker;
}

class OwnKafkaWorld final : public KafkaWorld {
 public:
  OwnKafkaWorld() : KafkaWorld(own_broker().bootstrap()) {}
  void down(bool is_down) override { is_down ? own_broker().stop() : own_broker().restart(); }
};

}  // namespace

bool World::until(const std::function<bool()>& holds, std::chrono::milliseconds time) {
  const Deadline deadline = within(time);
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    turn();
  }
  return true;
}

void World::run(asio::awaitable<void> task) {
  bool ended = false;
  asio::co_spawn(io_, std::move(task), [&ended](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
    ended = true;
  });
  while (!ended) turn();
}

void World::start(asio::awaitable<void> task) {
  asio::co_spawn(io_, std::move(task), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

std::unique_ptr<World> memory_world() { return std::make_unique<MemoryWorld>(); }

std::unique_ptr<World> kafka_world() {
  const char* const file = std::getenv("AFTERCALL_KAFKA_BOOTSTRAP_FILE");
  if (file == nullptr)
    throw std::runtime_error("run it by ctest, which starts Kafka: AFTERCALL_KAFKA_BOOTSTRAP_FILE");
  return std::make_unique<KafkaWorld>(contents_of(file));
}

std::unique_ptr<World> own_kafka_world() { return std::make_unique<OwnKafkaWorld>(); }

}  // namespace aftercall::bus
