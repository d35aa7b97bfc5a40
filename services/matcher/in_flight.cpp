#include "matcher/in_flight.hpp"

#include <algorithm>
#include <list>
#include <set>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::matcher {

struct Asked {
  asio::any_io_executor executor;
  std::set<std::pair<Sight, std::string>> keys;
  std::list<asio::steady_timer> waiting;  // one for each who waits

  bool any(const Sight& sight, const std::vector<std::string>& identities) const {
    return std::any_of(identities.begin(), identities.end(), [&](const std::string& each) {
      return keys.contains({sight, each});
    });
  }
};

InFlight::InFlight(asio::any_io_executor executor) : asked_(std::make_shared<Asked>()) {
  asked_->executor = std::move(executor);
}

InFlight::Claim::~Claim() {
  if (!asked_ || keys_.empty()) return;
  for (const auto& key : keys_) asked_->keys.erase(key);
  boost::system::error_code ignored;  // this is a destructor
  for (auto& timer : asked_->waiting) timer.cancel(ignored);
}

InFlight::Claim InFlight::claim(const Sight& sight, const std::vector<std::string>& identities) {
  Claim::Keys taken;
  for (const auto& each : identities)
    if (asked_->keys.emplace(sight, each).second) taken.emplace_back(sight, each);
  return {asked_, std::move(taken)};
}

bool InFlight::asked(const Sight& sight, const std::string& identity) const {
  return asked_->keys.contains({sight, identity});
}

asio::awaitable<void> InFlight::wait(Sight sight, std::vector<std::string> identities,
                                     std::chrono::steady_clock::time_point until) {
  const auto state = asked_;
  const auto timer = state->waiting.emplace(state->waiting.end(), state->executor);
  while (state->any(sight, identities) && std::chrono::steady_clock::now() < until) {
    timer->expires_at(until);
    boost::system::error_code woken;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  state->waiting.erase(timer);
}

}  // namespace aftercall::matcher
