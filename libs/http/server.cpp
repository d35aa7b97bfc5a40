#include "http/server.hpp"

#include <set>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/visit.hpp"

namespace aftercall::http {

using asio::ip::tcp;
using boost::system::error_code;

struct Server::State {
  // Told that we are full; more than these are closed without a word.
  static constexpr std::size_t refused_at_once = 64;

  State(const asio::any_io_executor& executor, ServerSettings wanted, Handler answer)
      : settings(std::make_shared<const ServerSettings>(std::move(wanted))),
        handler(std::make_shared<const Handler>(std::move(answer))),
        bodies(std::make_shared<Bodies>(settings->bodies)),
        acceptor(executor),
        changed(executor) {}

  std::shared_ptr<const ServerSettings> settings;
  std::shared_ptr<const Handler> handler;
  std::shared_ptr<Bodies> bodies;
  std::shared_ptr<ServerTls> tls;
  tcp::acceptor acceptor;
  asio::steady_timer changed;  // cancelled when a visit ends
  std::set<std::shared_ptr<Visit>> visits, refused;
  unsigned short port = 0;
  bool stopped = false;

  void listen() {
    const std::string where = settings->address + ":" + std::to_string(settings->port);
    error_code error;
    const auto address = asio::ip::make_address(settings->address, error);
    if (error) throw std::runtime_error("cannot listen on " + where + ": not an address");
    const tcp::endpoint endpoint(address, settings->port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) throw std::runtime_error("cannot listen on " + where + ": " + error.message());
    port = acceptor.local_endpoint().port();
  }

  static void admit(const std::shared_ptr<State>& state, tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const bool full = state->visits.size() >= state->settings->connections;
    if (full && (state->tls || state->refused.size() >= refused_at_once))
      return;  // a TLS refusal costs a handshake
    auto& group = full ? state->refused : state->visits;
    auto visit = make_visit(std::move(socket), state->tls, state->settings, state->handler, state->bodies);
    group.insert(visit);
    auto task = full ? visit->refuse() : visit->serve();
    const auto ended = [state, visit, &group](std::exception_ptr) {
      group.erase(visit);
      state->changed.cancel();
    };
    asio::co_spawn(state->acceptor.get_executor(), std::move(task), ended);
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    while (!state->stopped) {
      error_code error;
      tcp::socket socket =
          co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error && !state->stopped) admit(state, std::move(socket));
      if (!error || state->stopped) continue;
      // Out of file descriptors or the like: it may pass, and trying at once would only burn the processor.
      asio::steady_timer pause(state->acceptor.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }

  static asio::awaitable<void> drain(std::shared_ptr<State> state) {
    const auto latest = std::chrono::steady_clock::now() + state->settings->drain;
    while (!state->visits.empty() || !state->refused.empty()) {
      if (std::chrono::steady_clock::now() >= latest) state->close_all();
      // After the deadline sockets are closed; a handler that still works is awaited, for it may use what its
      // owner would destroy next.
      state->changed.expires_at(latest);
      if (std::chrono::steady_clock::now() >= latest)
        state->changed.expires_after(std::chrono::milliseconds(50));
      error_code ignored;
      co_await state->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void close_all() {
    for (const auto& each : visits) each->close();
    for (const auto& each : refused) each->close();
  }
};

Server::Server(asio::any_io_executor executor, ServerSettings settings, Handler handler)
    : state_(std::make_shared<State>(executor, std::move(settings), std::move(handler))) {
  state_->tls = open_server_tls(state_->settings->cert_file, state_->settings->key_file);
  state_->listen();
}

Server::~Server() {
  stop();
  state_->close_all();
}

unsigned short Server::port() const { return state_->port; }

std::size_t Server::connections() const { return state_->visits.size(); }

asio::awaitable<void> Server::run() {
  auto state = state_;
  co_await State::accept(state);
  co_await State::drain(state);
}

void Server::stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  const auto visits = state_->visits;  // a copy: what ends takes itself out
  for (const auto& each : visits) each->drain();
}

}  // namespace aftercall::http
