#include <utility>

#include <csignal>
#include <fstream>
#include <iostream>
#include <set>

#include <boost/asio/signal_set.hpp>

#include "crm.hpp"
#include "times.hpp"
#include "verbs.hpp"

namespace load {
namespace {

constexpr std::size_t recorded_of_a_kind = 32;

std::unique_ptr<Crm> crm_of(const Arguments& arguments) {
  const auto name = arguments.of("crm");
  if (name == "dynamics365") return dataverse(arguments.has("again"));
  if (name == "pipedrive") return pipedrive();
  throw std::invalid_argument("no such CRM: " + name);
}

// Answers the hot calls itself and passes everything else (sign-in, probes, who am I) to the sandbox, which
// judges them. A hot call is answered only under a token that the sandbox has accepted.
class Answerer {
 public:
  Answerer(const Arguments& arguments)
      : crm_(crm_of(arguments)), trusting_(arguments.has("again")), folder_(arguments.of("out")) {
    if (!trusting_) sandbox_ = endpoint_of(arguments.of("sandbox"));
  }

  asio::awaitable<std::string> answer(const Message& message) {
    const auto line = start_line(message);
    if (line.starts_with("GET /_load")) co_return counts();
    if (line.starts_with("POST /_load")) co_return save();
    const auto kind = crm_->kind_of(message);
    const bool known = trusting_ || accepted_.contains(std::string(crm_->credential(message)));
    if (kind == Crm::Kind::Other || !known) {
      const std::string passed = co_await pass(message);
      co_return passed;
    }
    ++requests_;
    bytes_ += message.head.size() + message.body.size();
    keep(kind, message);
    if (kind == Crm::Kind::Write) {
      ++writes_;
      if (const auto number = number_after_mark(message.body)) times_.note(*number);
    }
    co_return crm_->answer(message);
  }

 private:
  asio::awaitable<std::string> pass(const Message& message) {
    ++passed_;
    auto wire = co_await connect(sandbox_);
    if (!wire) co_return response("502 Bad Gateway", "", "the sandbox has gone");
    const std::string bytes = message.head + message.body;
    co_await write(wire, &bytes);
    Message answered;
    const bool whole = co_await read(wire, &answered);
    if (!whole) co_return response("502 Bad Gateway", "", "the sandbox gave no answer");
    const bool fine = start_line(answered).find(" 200 ") != std::string_view::npos;
    if (fine) accepted_.insert(std::string(crm_->credential(message)));
    co_return answered.head + answered.body;
  }

  std::string counts() const {
    return response(
        "200 OK", "Content-Type: application/json\r\n",
        "{\"sessions\":" + std::to_string(times_.count()) + ",\"requests\":" + std::to_string(requests_) +
            ",\"writes\":" + std::to_string(writes_) + ",\"passed\":" + std::to_string(passed_) +
            ",\"records\":" + std::to_string(crm_->records()) + ",\"bytes\":" + std::to_string(bytes_) +
            ",\"refused\":" + std::to_string(crm_->refused()) + ",\"last_refusal\":\"" +
            crm_->last_refusal() + "\"}");
  }

  std::string save() const {
    const bool saved = times_.save(folder_ + "/first_writes");
    return response(saved ? "200 OK" : "500 Internal Server Error", "", "");
  }

  void keep(Crm::Kind kind, const Message& message) {
    const bool look = kind == Crm::Kind::Look;
    auto& kept = look ? looks_ : notes_;
    if (trusting_ || kind == Crm::Kind::Search || kept == recorded_of_a_kind) return;
    std::ofstream file(folder_ + (look ? "/look." : "/write.") + std::to_string(kept++), std::ios::binary);
    file << message.head << message.body;
  }

  std::unique_ptr<Crm> crm_;
  bool trusting_;
  std::string folder_;
  tcp::endpoint sandbox_;
  std::set<std::string> accepted_;
  Times times_;
  std::size_t requests_ = 0, writes_ = 0, passed_ = 0, bytes_ = 0, looks_ = 0, notes_ = 0;
};

}  // namespace

int answer(const Arguments& arguments) {
  asio::io_context context(1);
  Answerer answerer(arguments);
  const auto port = serve(context, [&](const Message& message) { return answerer.answer(message); });
  asio::signal_set ends(context, SIGTERM, SIGINT);
  ends.async_wait([&](boost::system::error_code, int) { context.stop(); });
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  context.run();
  std::quick_exit(0);  // what is suspended is not destroyed
}

}  // namespace load
