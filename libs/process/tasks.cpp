#include "process/tasks.hpp"

#include <cstdint>
#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::process {

struct Tasks::State {
  explicit State(const asio::any_io_executor& executor) : changed(executor) {}

  std::map<std::uint64_t, std::string> working;
  std::uint64_t last = 0;
  asio::steady_timer changed;  // cancelled when a task ends
  std::exception_ptr first;
  std::function<void(const std::string&, std::exception_ptr)> watch;

  void ended(std::uint64_t number, const std::exception_ptr& thrown) {
    const std::string name = working[number];
    working.erase(number);
    changed.cancel();
    if (watch)
      watch(name, thrown);
    else if (!first)
      first = thrown;
  }
};

Tasks::Tasks(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}
Tasks::~Tasks() = default;

void Tasks::spawn(std::string name, asio::awaitable<void> task) {
  const auto number = ++state_->last;
  state_->working.emplace(number, std::move(name));
  const auto executor = state_->changed.get_executor();
  asio::co_spawn(executor, std::move(task),
                 [state = state_, number](std::exception_ptr thrown) { state->ended(number, thrown); });
}

void Tasks::on_end(std::function<void(const std::string&, std::exception_ptr)> watch) {
  state_->watch = std::move(watch);
}

asio::awaitable<void> Tasks::all() {
  auto state = state_;
  while (!state->working.empty()) {
    boost::system::error_code cancelled;
    state->changed.expires_at(std::chrono::steady_clock::time_point::max());
    co_await state->changed.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  if (state->first) std::rethrow_exception(std::exchange(state->first, nullptr));
}

std::size_t Tasks::size() const { return state_->working.size(); }

std::vector<std::string> Tasks::names() const {
  std::vector<std::string> all;
  for (const auto& [number, name] : state_->working) all.push_back(name);
  return all;
}

}  // namespace aftercall::process
