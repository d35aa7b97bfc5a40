#pragma once
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "http/message.hpp"

namespace aftercall::http {

namespace asio = boost::asio;

// Answers one request. It ends by a deadline of its own. What it throws becomes a 500 without detail, and is
// told to ServerSettings::threw.
using Handler = std::function<asio::awaitable<Response>(Request request)>;

// What is to be said of a request by its head alone, before any of its body is read.
struct Admission {
  std::optional<Response> answer{};  // at once; a body is then dropped, and with it the connection
  std::string whose{};               // by ServerSettings::bodies
};

struct ServerSettings {
  std::string address = "127.0.0.1";
  unsigned short port = 0;  // 0: the system chooses, see Server::port
  std::string cert_file;    // PEM chain; with key_file: TLS
  std::string key_file;
  std::size_t connections = 1024;  // above: 503 with Retry-After
  std::size_t header_limit = 16UL * 1024;
  std::size_t body_limit = 1024UL * 1024;
  std::size_t bodies = 64UL * 1024 * 1024;    // of all connections together; half of it for one `whose`
  std::chrono::milliseconds idle{60'000};     // between two requests of a connection
  std::chrono::milliseconds request{10'000};  // from a request's first byte to its last: against slow senders
  std::chrono::milliseconds answer{10'000};   // to take our answer
  std::chrono::milliseconds drain{10'000};    // after stop(): then connections are closed whatever they do
  std::function<void(const std::exception&)> threw{};
  std::function<Admission(const Request& head)> admit{};  // by default everybody; throws as a Handler does
  std::function<Response()> too_large{};  // what a body above the limit is told; by default a bare 413
  std::function<Response()> no_room{};    // what a body beyond `bodies` is told; by default a bare 503
};

// An HTTP/1.1 server with keep-alive and bounded everything. After stop() it accepts no more, finishes what
// is in hand and tells its clients `Connection: close`.
class Server {
 public:
  // Listens at once. Throws std::runtime_error that names the address or file when it cannot: that is for
  // starting up.
  Server(asio::any_io_executor executor, ServerSettings settings, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  unsigned short port() const;
  asio::awaitable<void> run();  // ends after stop(), when the last connection has ended; call it once
  void stop();                  // from the executor's thread
  std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace aftercall::http
