#include "control/sign_in/upkeep.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/sign_in/probed.hpp"
#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds tick{1'000};  // how late what begins to be blocked may be looked at

}  // namespace

Upkeep::Upkeep(Parts parts)
    : parts_(std::move(parts)),
      again_(parts_.executor),
      probes_(parts_.tasks, "probe",
              [this](tenancy::ConnectionPtr each) { return parts_.connecting.probe(std::move(each)); }),
      refreshes_(parts_.tasks, "refresh",
                 [this](tenancy::ConnectionPtr each) { return refresh(std::move(each)); }) {}

// Only of what is connected: anything else is asked for again by a person, or probed.
std::map<IdleTimes::Name, Instant> Upkeep::last_uses() const {
  std::map<IdleTimes::Name, Instant> uses;
  for (const auto& tenant : parts_.directory.tenants())
    for (const auto& each : parts_.directory.connections(tenant->id)) {
      if (each->status != ConnectionStatus::Connected) continue;
      if (const auto stored = parts_.vault.stored_at(each->tenant, each->id))
        uses.emplace(IdleTimes::Name(each->tenant, each->id), *stored);
    }
  return uses;
}

asio::awaitable<void> Upkeep::refresh(tenancy::ConnectionPtr connection) {
  const auto stored = parts_.vault.credentials(connection->tenant, connection->id);
  if (!stored || !stored->refresh_token) co_return;  // nothing that expires
  const Result<void> refreshed = co_await parts_.sign_ins.refresh(connection);
  if (refreshed) log::info("sign_in.kept", {{"tenant", connection->tenant}, {"connection", connection->id}});
}

void Upkeep::keep_signed_in() {
  const auto due =
      idle_.take(last_uses(), truncate(parts_.clock.wall()), [this] { return parts_.clock.jitter(); });
  std::vector<tenancy::ConnectionPtr> idle;
  for (const auto& [tenant, id] : due)
    if (auto connection = parts_.directory.connection(tenant, id)) idle.push_back(std::move(connection));
  refreshes_.begin(idle);
}

asio::awaitable<void> Upkeep::run() {
  ProbeTimes times(parts_.every);
  auto next_round = std::chrono::steady_clock::now() + parts_.every;
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    std::set<Blocked> blocked;
    if (parts_.ownership.owns()) blocked = blocked_();
    for (const auto& account : times.take(blocked, now)) probes_.begin(serving(parts_.directory, account));
    if (parts_.ownership.owns() && now >= next_round) {
      next_round = now + parts_.every;
      probes_.begin(to_be_mended(parts_.directory));
      keep_signed_in();
    }
    boost::system::error_code woken;
    again_.expires_after(std::min(tick, parts_.every));
    co_await again_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void Upkeep::stop() {
  stopping_ = true;
  probes_.stop();
  refreshes_.stop();
  again_.cancel();
}

}  // namespace aftercall::control
