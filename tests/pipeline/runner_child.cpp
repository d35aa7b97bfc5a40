// One process of the runner for kafka_runner_test: it notes each step that it starts, one line each, and
// emits.
//   runner_child BOOTSTRAP PREFIX NOTES IN_HAND [INSTANCE]
// A session called "held" waits until the file NOTES.release is there, one called "killer" ends the process
// on the spot. SIGTERM stops it.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bus/kafka.hpp"
#include "stage/stage.hpp"
#include "wire/keys.hpp"

namespace {

namespace asio = boost::asio;
using namespace aftercall;
using namespace std::chrono_literals;

asio::awaitable<stage::Outcome> step(int notes, std::string release, stage::Unit unit) {
  const std::string line = unit.session.session.str() + '\n';
  if (::write(notes, line.data(), line.size()) < 0) throw std::runtime_error("cannot note");
  if (unit.session.session.str() == "killer") ::raise(SIGKILL);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  do {
    timer.expires_after(10ms);
    co_await timer.async_wait(asio::use_awaitable);
  } while (unit.session.session.str() == "held" && !std::filesystem::exists(release));
  co_return stage::Emit{"contact.matched", "matched"};
}

Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope) {
  stage::Unit unit;
  unit.account = CrmAccount("a1");
  unit.session = {envelope.tenant, SourceId("src"), SessionId(wire::split_key(record.key)->at(2))};
  return std::vector{unit};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || argc > 6) return 2;
  const std::string release = std::string(argv[3]) + ".release";
  const int notes = ::open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0600);
  asio::io_context io;
  auto bus =
      bus::open(io.get_executor(), {.bootstrap = argv[1], .client_id = std::to_string(::getpid())}).value();
  stage::RealClock clock(io.get_executor());
  stage::Settings settings;
  settings.name = "matcher";
  settings.input = "session.finished";
  settings.outputs = {"contact.matched"};
  settings.topics.prefix = argv[2];
  settings.in_hand = argv[4];
  if (argc == 6) settings.instance = argv[5];
  stage::Steps steps;
  steps.split = split;
  steps.step = [notes, release](stage::Unit unit, const stage::Context&) {
    return step(notes, release, std::move(unit));
  };
  stage::Stage stage(io.get_executor(), *bus, clock, settings, steps);
  asio::signal_set signals(io, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) { stage.stop(); });
  asio::co_spawn(io, stage.run(), [](const std::exception_ptr& thrown, const Result<void>& result) {
    if (!thrown && !result) std::cerr << result.error().detail << '\n';
    std::cout.flush();
    std::_Exit(thrown || !result ? 1 : 0);
  });
  io.run();
}
