#include "control/sessions/view_task.hpp"

#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

constexpr std::size_t records_at_once = 2000;
constexpr std::chrono::milliseconds read_within{500};
constexpr std::chrono::minutes start_within{5};

}  // namespace

asio::awaitable<Result<void>> ViewTask::run(std::string partitions_of) {
  const auto producer = bus_.producer({{partitions_of}});
  const auto start_deadline = std::chrono::steady_clock::now() + start_within;
  const auto partitions = co_await producer->partitions(partitions_of, start_deadline);
  if (!partitions) co_return tl::unexpected(partitions.error());
  const auto reader = bus_.reader(view_.starts(*partitions));
  std::string told;
  while (!stopping_) {
    const auto deadline = std::chrono::steady_clock::now() + read_within;
    const auto records = co_await reader->read(records_at_once, deadline);
    if (!records) {
      if (told != records.error().detail) log::warn("view.unread", {{"why", records.error().detail}});
      told = records.error().detail;
      continue;  // read() has waited for its deadline
    }
    told.clear();
    if (!records->empty()) view_.apply(*records, truncate(std::chrono::system_clock::now()));
    if (!caught_up_ && reader->caught_up()) {
      caught_up_ = true;
      log::info("view.caught_up", {});
    }
  }
  co_return Result<void>();
}

}  // namespace aftercall::control
