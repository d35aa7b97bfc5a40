#include "control/sessions/view_task.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t records_at_once = 2000;
constexpr std::chrono::milliseconds read_within{500};
constexpr std::chrono::seconds a_try{5};
constexpr std::chrono::seconds pause_after_failure{1};
// Nobody asks for a story sooner, and to write a page once for many records costs a tenth.
constexpr std::chrono::milliseconds gathering{100};
constexpr std::chrono::minutes between_lines{1};
constexpr std::chrono::milliseconds first_rest{1000};  // doubles until …
constexpr std::chrono::milliseconds longest_rest{30'000};
constexpr std::chrono::milliseconds noticed_within{100};  // that it stops

void show(bool stands_still) {
  telemetry::gauge("aftercall_session_view_stands_still",
                   "1 while the session view's disk is full or broken, and no story is told.", {},
                   stands_still ? 1 : 0);
}

asio::awaitable<void> pause(std::chrono::milliseconds time = pause_after_failure) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

// Kafka being away is waited for as long as it takes.
asio::awaitable<Result<int>> ViewTask::partitions(std::string topic) {
  const auto producer = bus_.producer({{topic}});
  auto tell_at = Clock::now();
  while (true) {
    const auto deadline = Clock::now() + a_try;
    const Result<int> found = co_await producer->partitions(topic, deadline);
    if (found || stopping_ || kind_of(found.error().cause) != Kind::Transient) co_return found;
    if (Clock::now() >= tell_at) {
      tell_at = Clock::now() + between_lines;
      log::warn("view.waits_for_kafka", {{"why", found.error().detail}});
    }
    co_await pause();
  }
}

// A reader that goes on where the view stands, if that is a place in this Kafka at all.
asio::awaitable<std::unique_ptr<bus::Reader>> ViewTask::reader(int partitions) {
  auto reader = bus_.reader(view_->starts(partitions), bus::Answers::InLargePieces);
  std::string told;
  while (!stopping_) {
    const auto deadline = Clock::now() + a_try;
    const auto aimed = co_await reader->aim(deadline);
    if (aimed) break;
    if (told != aimed.error().detail) log::warn("view.unread", {{"why", aimed.error().detail}});
    told = aimed.error().detail;
    co_await pause();
  }
  if (view_->begin_anew_unless_in(reader->ground(), truncate(std::chrono::system_clock::now()))) {
    log::warn("view.begun_anew", {{"why", "what was read is too old, or not part of what Kafka holds"}});
    reader = bus_.reader(view_->starts(partitions), bus::Answers::InLargePieces);
  }
  co_return reader;
}

asio::awaitable<Result<void>> ViewTask::run(std::string partitions_of) {
  show(false);
  const Result<int> count = co_await partitions(std::move(partitions_of));
  if (!count) co_return tl::unexpected(count.error());
  while (true) {
    Result<void> ended;
    try {
      auto following = follow(*count);
      ended = co_await std::move(following);
    } catch (const view::DiskTrouble& trouble) {
      ended = tl::unexpected(trouble.failure());
    }
    if (ended || stopping_ || kind_of(ended.error().cause) != Kind::Transient) co_return ended;
    co_await rest(ended.error().detail);
  }
}

// Until it stops, or throws view::DiskTrouble: then what was not kept is read again.
asio::awaitable<Result<void>> ViewTask::follow(int partitions) {
  if (!view_) {
    auto opened = SessionView::open(file_, topics_);
    if (!opened) co_return tl::unexpected(opened.error());
    view_ = std::move(*opened);
  }
  const auto reader = co_await this->reader(partitions);
  std::string told;
  while (!stopping_) {
    const auto deadline = Clock::now() + read_within;
    const auto records = co_await reader->read(records_at_once, deadline);
    if (!records) {
      if (told != records.error().detail) log::warn("view.unread", {{"why", records.error().detail}});
      told = records.error().detail;
      co_await pause();  // what does not pass by itself is answered at once
      continue;
    }
    told.clear();
    if (!records->empty()) view_->apply(*records, truncate(std::chrono::system_clock::now()));
    if (!records->empty() || reader->caught_up()) go_on();
    if (!caught_up_ && reader->caught_up()) {
      caught_up_ = true;
      log::info("view.caught_up", {});
    }
    if (caught_up_ && records->size() < records_at_once) co_await pause(gathering);
  }
  co_return Result<void>();
}

asio::awaitable<void> ViewTask::rest(std::string why) {
  if (stands_still_ != why) log::error("view.stands_still", {{"why", why}});
  stands_still_ = std::move(why);
  show(true);
  const auto longest = std::min(longest_rest, first_rest * (1 << std::min(rests_++, 5)));
  const auto until = Clock::now() + longest * (0.5 + clock_.jitter() / 2);
  while (!stopping_ && Clock::now() < until) co_await pause(noticed_within);
}

void ViewTask::go_on() {
  rests_ = 0;
  if (!stands_still_) return;
  stands_still_.reset();
  show(false);
  log::info("view.goes_on", {});
}

Result<const SessionView*> ViewTask::view() const {
  if (stands_still_) return fail(Cause::Unreachable, "no story can be told now: " + *stands_still_);
  if (!view_) return fail(Cause::Unreachable, "the session view is not open yet; try again");
  return view_.get();
}

}  // namespace aftercall::control
