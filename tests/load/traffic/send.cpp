#include <utility>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http.hpp"
#include "times.hpp"
#include "verbs.hpp"

namespace load {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view placeholder = "@@@@@@@@";
constexpr int tries = 50;  // of one session that the door did not take

struct Template {
  std::string request;
  std::vector<std::size_t> numbers;  // where the session's number stands
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  return text.str();
}

std::vector<Template> templates(const Arguments& arguments) {
  std::vector<Template> found;
  for (std::size_t i = 0; i < arguments.number("templates", 1); ++i) {
    const auto body = content_of(arguments.of("template") + "." + std::to_string(i));
    Template made;
    made.request = "POST /v1/sessions HTTP/1.1\r\nHost: " + arguments.of("door") +
                   "\r\nAuthorization: Bearer " + arguments.of("key") +
                   "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body;
    for (auto at = made.request.find(placeholder); at != std::string::npos;
         at = made.request.find(placeholder, at + digits))
      made.numbers.push_back(at);
    found.push_back(std::move(made));
  }
  return found;
}

// Sends the sessions first … first + count - 1 over some connections, as fast as their answers come or, with
// a rate, each at its own time.
class Upstream {
 public:
  explicit Upstream(const Arguments& arguments)
      : templates_(templates(arguments)),
        door_(endpoint_of(arguments.of("door"))),
        next_(static_cast<std::uint32_t>(arguments.number("first", 0))),
        end_(next_ + static_cast<std::uint32_t>(arguments.number("count", 1))),
        begin_(next_),
        rate_(static_cast<double>(arguments.number("rate", 0))),
        answer_file_(arguments.of("answer", "")) {}

  asio::awaitable<void> connection() {
    auto wire = co_await connect(door_);
    while (wire && next_ < end_) {
      const auto number = next_++;
      if (rate_ > 0) co_await until_its_turn(number);
      bool accepted = false;
      for (int i = 0; i < tries && !accepted && wire; ++i) {
        if (i > 0) co_await rest();
        accepted = co_await one(wire, number);
      }
      if (!accepted) break;
    }
  }

  std::size_t accepted() const { return accepted_.count(); }
  std::size_t refused() const { return refused_; }
  bool save(const std::string& path) const { return accepted_.save(path); }

 private:
  asio::awaitable<bool> one(WirePtr wire, std::uint32_t number) {
    auto& its = templates_[number % templates_.size()];
    std::string request = its.request;
    for (const auto at : its.numbers) put_number(request.data() + at, number);
    const bool written = co_await write(wire, &request);
    Message answer;
    if (!written) co_return false;
    const bool whole = co_await read(wire, &answer);
    if (!whole) co_return false;
    if (start_line(answer).find(" 202 ") == std::string_view::npos) {
      if (refused_++ == 0) std::cerr << "the door answered " << answer.head << answer.body << '\n';
      co_return false;
    }
    accepted_.note(number);
    if (accepted_.count() == 1 && !answer_file_.empty())
      std::ofstream(answer_file_, std::ios::binary) << answer.head << answer.body;
    co_return true;
  }

  asio::awaitable<void> until_its_turn(std::uint32_t number) {
    const auto executor = co_await asio::this_coro::executor;
    const std::chrono::duration<double> after((number - begin_) / rate_);
    asio::steady_timer timer(executor, start_ + std::chrono::duration_cast<Clock::duration>(after));
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::awaitable<void> rest() {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, std::chrono::milliseconds(100));
    co_await timer.async_wait(asio::use_awaitable);
  }

  std::vector<Template> templates_;
  tcp::endpoint door_;
  std::uint32_t next_, end_, begin_;
  double rate_;
  std::string answer_file_;
  Clock::time_point start_ = Clock::now();
  Times accepted_;
  std::size_t refused_ = 0;
};

}  // namespace

int send(const Arguments& arguments) {
  asio::io_context context(1);
  Upstream upstream(arguments);
  for (std::size_t i = 0; i < arguments.number("connections", 16); ++i)
    asio::co_spawn(context, upstream.connection(), ends_all);
  context.run();
  if (arguments.has("out") && !upstream.save(arguments.of("out")))
    throw std::runtime_error("cannot write --out");
  std::cout << "{\"accepted\":" << upstream.accepted() << ",\"refused\":" << upstream.refused() << "}"
            << std::endl;
  return upstream.accepted() == arguments.number("count", 1) ? 0 : 1;
}

}  // namespace load
