// One release, from the record in event.deferred to its tombstone; and what a person wants released.
#include "control/deferred/expired.hpp"
#include "control/deferred/released_copy.hpp"
#include "control/deferred/releaser.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

constexpr auto reading_within = 10s;
constexpr std::size_t read_at_once = 200;  // its neighbours are often due with it
constexpr std::size_t wishes_at_once = 64;

void tell(std::string_view event, const Deferral& deferral) {
  log::info(event, {{"tenant", deferral.tenant},
                    {"account", deferral.unit},
                    {"stage", deferral.stage},
                    {"kind", name_of(deferral.kind)},
                    {"cause", deferral.cause},
                    {"attempt", deferral.attempt + 1},
                    {"tries", deferral.wanted_by.empty() ? deferral.tries : 0},
                    {"wanted_by", deferral.wanted_by},
                    {"key", deferral.key}});
}

std::string word_of(Releaser::Ending ending) {
  switch (ending) {
    case Releaser::Ending::Released:
      return "released";
    case Releaser::Ending::Expired:
      return "expired";
    case Releaser::Ending::Discarded:
      return "discarded";
  }
  return "";
}

void count(const Deferral& deferral, std::string_view how) {
  telemetry::count("aftercall_released_total", "Units taken out of event.deferred.",
                   {{"kind", name_of(deferral.kind)}, {"cause", deferral.cause}, {"how", how}});
}

}  // namespace

bool Releaser::is_copied(const Deferral& deferral) const {
  const auto copied = copied_.find(deferral.key);
  return copied != copied_.end() && copied->second == deferral.at;
}

// Not at once, and not together with what else failed now.
Instant Releaser::soon() const {
  return now() + std::chrono::milliseconds(1000 + static_cast<int>(parts_.clock.jitter() * 2000));
}

asio::awaitable<void> Releaser::release(Deferral deferral) {
  bool copied = is_copied(deferral);
  if (!copied) copied = co_await publish_again(deferral);
  if (copied) co_await finish(std::move(deferral));
  --in_hand_;
  alarm_->bell.notify();
}

// What takes the deferral's place: the event again or its outcome, after a month or when a person gave it up.
// Nothing: it ends, and nobody could tell what it was.
Result<std::optional<Draft>> Releaser::place_taker(const Deferral& deferral, const Record& record,
                                                   Ending ending) const {
  if (ending == Ending::Released) return released_copy(record, parts_.topics);
  const bool given_up = ending == Ending::Discarded;
  auto outcome = given_up ? discarded(record, parts_.topics, now()) : expired(record, parts_.topics, now());
  if (outcome) return std::move(*outcome);
  log::warn("deferral.ended_unknown", {{"key", deferral.key}, {"why", outcome.error().detail}});
  return std::nullopt;
}

// What a person wants released is released even if it is too old, unless nothing can be.
Releaser::Ending Releaser::ending_of(const Deferral& deferral) const {
  if (deferral.discarded) return Ending::Discarded;
  const bool wanted = !deferral.wanted_by.empty() && !hopeless_.contains(deferral.key);
  return !wanted && expiry_of(deferral) <= now() ? Ending::Expired : Ending::Released;
}

// Whether Kafka has it, so that the deferral may end.
asio::awaitable<bool> Releaser::publish_again(Deferral deferral) {
  const Ending ending = ending_of(deferral);
  auto finding = record_of(deferral);
  const Result<Record> record = co_await std::move(finding);
  if (!record) co_return put_back(deferral, record.error());
  Result<std::optional<Draft>> draft = place_taker(deferral, *record, ending);
  if (!draft) co_return put_back(deferral, draft.error());
  if (*draft) {
    auto publishing = producer_->publish(std::move(**draft));
    const Result<Position> acked = co_await std::move(publishing);
    if (!acked) co_return put_back(deferral, acked.error());
  }
  if (ending != Ending::Released) credit_.give_back(deferral);
  copied_[deferral.key] = deferral.at;
  const std::string how = word_of(ending);
  tell("deferral." + how, deferral);
  count(deferral, how);
  co_return true;
}

// It waits again: a little, or until it expires, when nothing could ever be published of it.
bool Releaser::put_back(const Deferral& deferral, const Failure& why) {
  log::warn("deferral.not_released", {{"key", deferral.key}, {"why", why.detail}});
  credit_.give_back(deferral);
  const bool hopeless = kind_of(why.cause) == Kind::Permanent;
  if (hopeless) hopeless_[deferral.key] = deferral.at;
  const auto again = hopeless ? due(deferral) : soon();
  deferrals_->put_back(deferral.key, again);
  return false;
}

// The tombstone; it is applied when it is read. Until Kafka takes it the copy is not published again.
asio::awaitable<void> Releaser::finish(Deferral deferral) {
  Draft tombstone = tombstone_of(deferral, parts_.topics);
  auto publishing = producer_->publish(std::move(tombstone));
  const Result<Position> acked = co_await std::move(publishing);
  if (acked) co_return;
  log::warn("deferral.not_ended", {{"key", deferral.key}, {"why", acked.error().detail}});
  const auto again = soon();
  deferrals_->put_back(deferral.key, again);
}

asio::awaitable<Result<Record>> Releaser::record_of(Deferral deferral) {
  if (const Record* const kept = shelf_.find(deferral.key, deferral.at)) co_return *kept;
  const auto deadline = bus::within(reading_within);
  const Result<Turns::Turn> turn = co_await reading_.take(deadline);
  if (!turn) co_return tl::unexpected(turn.error());
  if (const Record* const kept = shelf_.find(deferral.key, deferral.at)) co_return *kept;
  auto reading = read_again(std::move(deferral));
  Result<Record> record = co_await std::move(reading);
  co_return record;
}

asio::awaitable<Result<Record>> Releaser::read_again(Deferral deferral) {
  const auto deadline = bus::within(reading_within);
  const auto reader = parts_.bus.reader({{deferral.at.topic, deferral.at.partition, deferral.at.offset}});
  Result<std::vector<Record>> records = co_await reader->read(read_at_once, deadline);
  if (!records) co_return tl::unexpected(records.error());
  std::optional<Record> wanted;
  for (auto& record : *records) {
    if (record.at == deferral.at) wanted = record;
    const auto waiting = deferrals_->find(record.key);
    if (waiting && waiting->at == record.at) shelf_.keep(std::move(record));
  }
  if (!wanted) co_return fail(Cause::Unreachable, "its record could not be read again");
  co_return *wanted;
}

asio::awaitable<void> Releaser::publish_wish(Draft draft, std::size_t* acked) {
  auto publishing = producer_->publish(std::move(draft));
  const Result<Position> at = co_await std::move(publishing);
  if (at) ++*acked;
}

// The deferrals of these keys that are still there, with the wish in them.
asio::awaitable<Result<std::vector<Draft>>> Releaser::wishes(std::vector<std::string> keys, Wish wish) {
  std::vector<Draft> drafts;
  for (const auto& key : keys) {
    auto found = deferrals_->find(key);
    if (!found) continue;
    auto finding = record_of(std::move(*found));
    const Result<Record> record = co_await std::move(finding);
    if (!record) co_return tl::unexpected(record.error());
    Result<Draft> draft = wish_for(*record, wish);
    if (!draft) co_return tl::unexpected(draft.error());
    drafts.push_back(std::move(*draft));
  }
  co_return drafts;
}

asio::awaitable<Result<std::vector<std::string>>> Releaser::want(std::vector<std::string> keys, Wish wish,
                                                                 Draft audit, bus::Deadline deadline) {
  auto auditing = producer_->publish(std::move(audit));
  const Result<Position> audited = co_await std::move(auditing);
  if (!audited) co_return tl::unexpected(audited.error());
  std::vector<std::string> wanted;
  for (std::size_t first = 0; first < keys.size(); first += wishes_at_once) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
    const auto left = std::min(wishes_at_once, keys.size() - first);
    std::vector<std::string> some(begin, begin + static_cast<std::ptrdiff_t>(left));
    Result<std::vector<Draft>> drafts = co_await wishes(std::move(some), wish);
    if (!drafts) co_return tl::unexpected(drafts.error());
    process::Tasks publishing(parts_.executor);
    std::size_t acked = 0;
    for (auto& draft : *drafts) {
      wanted.push_back(draft.key);
      // On its way already: a wish behind its tombstone would bring it back.
      if (!deferrals_->waits(draft.key)) {
        ++acked;
        continue;
      }
      publishing.spawn("wish", publish_wish(std::move(draft), &acked));
    }
    co_await publishing.all();
    if (acked < drafts->size() || std::chrono::steady_clock::now() >= deadline)
      co_return fail(Cause::Timeout, "not all could be asked for in time; ask again for the rest");
  }
  co_return wanted;
}

}  // namespace aftercall::control
