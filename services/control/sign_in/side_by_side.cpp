#include "control/sign_in/side_by_side.hpp"

#include <algorithm>

namespace aftercall::control {

void SideBySide::begin(const std::vector<tenancy::ConnectionPtr>& connections) {
  for (const auto& each : connections) {
    const auto same = [&each](const auto& other) { return name_of(*other) == name_of(*each); };
    if (std::none_of(line_.begin(), line_.end(), same)) line_.push_back(each);
  }
  fill();
}

void SideBySide::fill() {
  const auto free = [this](const auto& each) { return !at_work_.contains(name_of(*each)); };
  while (at_work_.size() < at_once) {
    const auto next = std::find_if(line_.begin(), line_.end(), free);
    if (next == line_.end()) break;
    tenancy::ConnectionPtr connection = std::move(*next);
    line_.erase(next);
    at_work_.insert(name_of(*connection));
    tasks_.spawn(name_, do_one(std::move(connection)));
  }
}

asio::awaitable<void> SideBySide::do_one(tenancy::ConnectionPtr connection) {
  auto working = work_(connection);
  co_await std::move(working);
  at_work_.erase(name_of(*connection));
  fill();
}

}  // namespace aftercall::control
