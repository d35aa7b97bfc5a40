#include <utility>

#include <csignal>
#include <deque>
#include <fstream>
#include <iostream>
#include <list>
#include <optional>
#include <sstream>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http.hpp"
#include "kafka.hpp"
#include "times.hpp"
#include "verbs.hpp"

// One process of the floor: what a stage cannot do without. It takes records from a topic, or requests from
// HTTP, sends the recorded request, waits for the answer, publishes the recorded records and waits for their
// acks, commits. It parses nothing and decides nothing.
namespace load {
namespace {

struct Recorded {
  std::string request;
  std::vector<std::size_t> numbers;  // where a session's number stands
};

std::vector<std::size_t> numbers_in(const std::string& text) {
  std::vector<std::size_t> found;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
    if (number_after_mark(std::string_view(text).substr(at))) found.push_back(at + mark.size());
  return found;
}

std::vector<Recorded> requests(const Arguments& arguments) {
  std::vector<Recorded> found;
  for (std::size_t i = 0; arguments.has("requests"); ++i) {
    std::ifstream file(arguments.of("requests") + "." + std::to_string(i), std::ios::binary);
    if (!file) break;
    std::ostringstream text;
    text << file.rdbuf();
    found.push_back({text.str(), {}});
    found.back().numbers = numbers_in(found.back().request);
  }
  return found;
}

// One session on its way through.
struct Unit {
  std::uint32_t number = 0;
  std::size_t left = 0;  // acks
  std::list<std::string> keys;
  std::function<void(int)> acked;
  std::function<void()> finished;
};
using UnitPtr = std::shared_ptr<Unit>;

class Hop {
 public:
  Hop(asio::io_context& context, const Arguments& arguments)
      : context_(context),
        requests_(requests(arguments)),
        slots_(arguments.number("slots", 32)),
        producer_(context, arguments.of("brokers")) {
    const auto prefix = arguments.of("prefix");
    for (const auto& path : arguments.all("out")) {
      sets_.push_back(load_sets(path));
      for (auto& set : sets_.back())
        for (auto& record : set) record.topic = prefix + record.topic;
    }
    if (arguments.has("crm")) crm_ = endpoint_of(arguments.of("crm"));
    if (!arguments.has("group")) return;
    std::vector<std::string> topics;
    for (const auto& topic : arguments.all("in")) topics.push_back(prefix + topic);
    consumer_.emplace(
        context, arguments.of("brokers"), arguments.of("group"), topics,
        [this] { return slots_ - std::min(slots_, at_work_); },
        [this](const rd_kafka_message_t& message) { take(message); });
  }

  // The answer to a request at the door, once Kafka has the session.
  asio::awaitable<std::string> accept(const Message& message, const std::string* answer) {
    auto unit = std::make_shared<Unit>();
    unit->number = number_after_mark(message.body).value_or(0);
    co_await published(unit);
    co_return *answer;
  }

 private:
  struct Open {
    std::int64_t offset;
    bool done;
  };

  void take(const rd_kafka_message_t& message) {
    auto unit = std::make_shared<Unit>();
    const std::string_view key(static_cast<const char*>(message.key), message.key_len);
    unit->number = number_after_mark(key).value_or(0);
    auto& open = open_[{message.rkt, message.partition}];
    open.push_back({message.offset, false});
    unit->finished = [this, rkt = message.rkt, partition = message.partition, offset = message.offset] {
      --at_work_;
      passed(rkt, partition, offset);
      asio::post(context_, [this] { consumer_->pump(); });
    };
    ++at_work_;
    if (requests_.empty()) return publish(unit, message.partition);
    asio::co_spawn(context_, ask(unit, message.partition), ends_all);
  }

  asio::awaitable<void> ask(UnitPtr unit, int partition) {
    WirePtr wire;
    if (idle_.empty()) {
      wire = co_await connect(crm_);
    } else {
      wire = std::move(idle_.back());
      idle_.pop_back();
    }
    const auto& its = requests_[unit->number % requests_.size()];
    std::string request = its.request;
    for (const auto at : its.numbers) put_number(request.data() + at, unit->number);
    co_await write(wire, &request);
    Message answer;
    const bool whole = co_await read(wire, &answer);
    if (!whole || start_line(answer).find(" 200 ") == std::string_view::npos) {
      std::cerr << "the CRM answered " << answer.head << '\n';
      std::quick_exit(1);
    }
    idle_.push_back(std::move(wire));
    publish(unit, partition);
  }

  asio::awaitable<void> published(UnitPtr unit) {
    return asio::async_initiate<decltype(asio::use_awaitable), void()>(
        [this, unit](auto handler) {
          auto kept = std::make_shared<decltype(handler)>(std::move(handler));
          unit->finished = [this, kept] { asio::post(context_, std::move(*kept)); };
          publish(unit, RD_KAFKA_PARTITION_UA);
        },
        asio::use_awaitable);
  }

  void publish(const UnitPtr& unit, int partition) {
    unit->acked = [this, unit](int) {
      if (--unit->left > 0) return;
      const auto its = unit;  // the next line ends this function's own life
      unit->acked = nullptr;
      its->finished();
    };
    for (const auto& sets : sets_) unit->left += sets[unit->number % sets.size()].size();
    if (unit->left == 0) return unit->finished();
    for (const auto& sets : sets_)
      for (const auto& record : sets[unit->number % sets.size()]) {
        auto& key = unit->keys.emplace_back(record.key);
        for (const auto at : numbers_in(key)) put_number(key.data() + at, unit->number);
        producer_.produce(record, key, partition, &unit->acked);
      }
  }

  void passed(rd_kafka_topic_t* topic, int partition, std::int64_t offset) {
    auto& open = open_[{topic, partition}];
    for (auto& each : open)
      if (each.offset == offset) {
        each.done = true;
        break;
      }
    std::optional<std::int64_t> below;
    while (!open.empty() && open.front().done) {
      below = open.front().offset;
      open.pop_front();
    }
    if (below) consumer_->done(topic, partition, *below);
  }

  asio::io_context& context_;
  std::vector<Recorded> requests_;
  std::size_t slots_, at_work_ = 0;
  Producer producer_;
  std::vector<Sets> sets_;
  tcp::endpoint crm_;
  std::vector<WirePtr> idle_;
  std::map<std::pair<rd_kafka_topic_t*, int>, std::deque<Open>> open_;
  std::optional<Consumer> consumer_;
};

}  // namespace

int hop(const Arguments& arguments) {
  asio::io_context context(1);
  Hop hop(context, arguments);
  std::string answer;
  if (arguments.has("answer")) {
    std::ifstream file(arguments.of("answer"), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    answer = text.str();
    const auto port = serve(context, [&](const Message& message) { return hop.accept(message, &answer); });
    std::cout << "listening on 127.0.0.1:" << port << std::endl;
  }
  asio::signal_set ends(context, SIGTERM, SIGINT);
  ends.async_wait([&](boost::system::error_code, int) { context.stop(); });
  context.run();
  std::quick_exit(0);  // what is suspended is not destroyed
}

}  // namespace load
