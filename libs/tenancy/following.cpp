#include "tenancy/following.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.hpp"

namespace aftercall::tenancy {
namespace {

constexpr std::size_t at_once = 1000;
constexpr std::chrono::milliseconds look_up_after{250};  // how long a stop may go unnoticed
constexpr std::chrono::milliseconds pause_after_failure{500};
constexpr std::chrono::milliseconds between_looks{2};  // who catches up waits for this long at most too long

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

void tell(const std::string& topic, const Record& record, Applied applied) {
  if (applied == Applied::Changed) return;
  const char* why = "it means nothing";
  if (applied == Applied::Stale) why = "its writer had been replaced";
  if (applied == Applied::NotKnown) why = "a newer release wrote it";
  log::warn("record.not_applied",
            {{"topic", topic}, {"key", record.key}, {"offset", record.at.offset}, {"why", why}});
}

}  // namespace

Following::Following(Directory& directory, bus::Reader& reader)
    : Following(
          "tenant.config", [&directory](const Record& record) { return directory.apply(record); }, reader) {}

asio::awaitable<Result<void>> Following::read_some(bus::Deadline deadline) {
  const Result<std::vector<Record>> records = co_await reader_.read(at_once, deadline);
  if (!records) co_return tl::unexpected(records.error());
  for (const auto& record : *records) {
    const Applied applied = apply_(record);
    tell(topic_, record, applied);
    if (watch_) watch_(record, applied);
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Following::restore(bus::Deadline deadline) {
  Failure last{Cause::Timeout, topic_ + " was not read to its end in time"};
  bool aimed = false;
  while (!stopping_ && bus::Deadline::clock::now() < deadline) {
    if (!aimed) {
      const Result<void> aim = co_await reader_.aim(deadline);
      aimed = aim.has_value();
      if (!aim) last = aim.error();
    }
    if (aimed && reader_.caught_up()) {
      restored_ = true;
      co_return Result<void>();
    }
    const auto soon = std::min(deadline, bus::within(look_up_after));
    const Result<void> read = co_await read_some(soon);
    if (read) continue;
    last = read.error();
    co_await pause(pause_after_failure);
  }
  co_return tl::unexpected(last);
}

asio::awaitable<Result<void>> Following::catch_up(bus::Deadline deadline) {
  const Result<void> aim = co_await reader_.aim(deadline);
  if (!aim) co_return tl::unexpected(aim.error());
  while (!reader_.caught_up()) {
    if (stopping_ || bus::Deadline::clock::now() >= deadline)
      co_return fail(Cause::Timeout, topic_ + " was not read to its end in time");
    co_await pause(between_looks);
  }
  co_return Result<void>();
}

asio::awaitable<void> Following::run() {
  while (!stopping_) {
    const Result<void> read = co_await read_some(bus::within(look_up_after));
    restored_ = restored_ || (read && reader_.caught_up());
    if (read) continue;
    log::warn("topic.not_read", {{"topic", topic_}, {"why", read.error().detail}});
    co_await pause(pause_after_failure);
  }
}

}  // namespace aftercall::tenancy
