#include <algorithm>
#include <iterator>
#include <utility>

#include "crm_writer/ledger.hpp"
#include "wire/delivery_ledger.hpp"

// How a partition of the ledger becomes ours.
namespace aftercall::crm_writer {
namespace {

constexpr std::size_t rows_at_once = 1000;
constexpr std::chrono::seconds restore_within{120};
// As long as the topic keeps rows.
constexpr std::chrono::hours kept_for{180 * 24};

Failure overtaken() {
  return {Cause::Unreachable, "the partition went, or came anew, while it was restored"};
}

Failure too_slow() { return {Cause::Timeout, "the ledger's partition could not be read to its end in time"}; }

}  // namespace

asio::awaitable<Result<void>> Ledger::compare_partitions(bus::Deadline deadline) {
  const auto rows = co_await producer_.partitions(topic_, deadline);
  if (!rows) co_return tl::unexpected(rows.error());
  const auto events = co_await producer_.partitions(events_, deadline);
  if (!events) co_return tl::unexpected(events.error());
  compared_ = *rows == *events;
  if (!compared_)
    co_return fail(Cause::SetupIncomplete, topic_ + " has " + std::to_string(*rows) + " partitions and " +
                                               events_ + " has " + std::to_string(*events) +
                                               ": they must have as many");
  co_return Result<void>();
}

bool Ledger::is_overtaken(const Restoring& restoring) const {
  return turns_.at(restoring.partition) != restoring.turn;
}

asio::awaitable<Result<void>> Ledger::restore(int partition, Instant now, Ownership ownership) {
  const Restoring restoring{partition, ++turns_[partition], now,
                            std::chrono::steady_clock::now() + restore_within, ownership};
  try {
    const auto restored = co_await read_and_claim(restoring);
    co_return restored;
  } catch (const view::DiskTrouble& trouble) {
    lose(trouble.failure());
  }
  co_return tl::unexpected(*lost_);
}

asio::awaitable<Result<void>> Ledger::read_and_claim(Restoring restoring) {
  if (!compared_) {
    const auto compared = co_await compare_partitions(restoring.deadline);
    if (!compared) co_return compared;
    if (is_overtaken(restoring)) co_return tl::unexpected(overtaken());
  }
  check_view();
  drop_if_stale(restoring.partition, restoring.now);
  const auto opened = co_await reader_of(restoring);
  if (!opened) co_return tl::unexpected(opened.error());
  const auto& reader = *opened;
  while (!reader->caught_up()) {
    const auto records = co_await reader->read(rows_at_once, restoring.deadline);
    if (!records) co_return tl::unexpected(records.error());
    const auto set = co_await set_aside(restoring, &*records);
    if (!set) co_return set;
    const auto applied = apply(restoring, *records);
    if (!applied) co_return tl::unexpected(applied.error());
    if (records->empty() && std::chrono::steady_clock::now() >= restoring.deadline)
      co_return tl::unexpected(too_slow());
  }
  const auto current = apply(restoring, {});  // also when nothing was new: it was compared today
  if (!current || restoring.ownership == Ownership::None) co_return current;
  const auto claimed = co_await claim(restoring, reader.get());
  co_return claimed;
}

// Says in the topic whose the partition is from here on, and reads to there: whatever stands before the claim
// is known, and what an earlier owner adds behind it cannot replace what we write. Of two that restore at
// once, the second to claim finds the first and takes a higher generation.
asio::awaitable<Result<void>> Ledger::claim(Restoring restoring, bus::Reader* reader) {
  while (true) {
    const auto generation = generation_of(restoring.partition) + 1;
    LedgerRow row;
    row.name = {wire::claim_kind, "", 0};
    row.state = LedgerRow::State::Written;
    row.generation = generation;
    row.updated_at = restoring.now;
    Draft draft;
    draft.topic = topic_;
    draft.key = wire::claim_kind;
    draft.value = wire::to_wire(row, CrmAccount(), SessionKey()).SerializeAsString();
    draft.partition = restoring.partition;
    const auto at = co_await producer_.publish(std::move(draft));
    if (!at) co_return tl::unexpected(at.error());
    const auto highest = co_await read_to(restoring, at->offset, reader);
    if (!highest) co_return tl::unexpected(highest.error());
    if (*highest >= generation) continue;
    owned_[restoring.partition] = generation;
    co_return Result<void>();
  }
}

// Answers the highest generation that stands before this offset.
asio::awaitable<Result<std::int64_t>> Ledger::read_to(Restoring restoring, std::int64_t offset,
                                                      bus::Reader* reader) {
  while (true) {
    auto records = co_await reader->read(rows_at_once, restoring.deadline);
    if (!records) co_return tl::unexpected(records.error());
    if (records->empty()) co_return tl::unexpected(too_slow());
    const auto set = co_await set_aside(restoring, &*records);
    if (!set) co_return tl::unexpected(set.error());
    const auto there = std::find_if(records->begin(), records->end(),
                                    [&](const Record& each) { return each.at.offset >= offset; });
    const std::vector<Record> behind(std::make_move_iterator(there), std::make_move_iterator(records->end()));
    records->erase(there, records->end());
    const auto before = apply(restoring, *records);
    if (!before) co_return tl::unexpected(before.error());
    if (behind.empty()) continue;
    const auto highest = generation_of(restoring.partition);
    const auto after = apply(restoring, behind);
    if (!after) co_return tl::unexpected(after.error());
    co_return highest;
  }
}

asio::awaitable<Result<std::unique_ptr<bus::Reader>>> Ledger::reader_of(Restoring restoring) {
  auto reader = bus_.reader({checkpoints_.start(topic_, restoring.partition)});
  const auto aimed = co_await reader->aim(restoring.deadline);
  if (!aimed) co_return tl::unexpected(aimed.error());
  if (is_overtaken(restoring)) co_return tl::unexpected(overtaken());
  if (!checkpoints_.astray_in(reader->ground()).empty()) {
    drop(restoring.partition);
    reader = bus_.reader({checkpoints_.start(topic_, restoring.partition)});
  }
  co_return std::move(reader);
}

void Ledger::drop(int partition) {
  database_->transaction([&] {
    database_->prepare("DELETE FROM row WHERE partition=?1")->bind(1, std::int64_t{partition}).run();
    checkpoints_.forget(topic_, partition);
  });
}

void Ledger::drop_if_stale(int partition, Instant now) {
  const auto read_at = checkpoints_.read_at(topic_, partition);
  if (read_at && now - instant_of(*read_at) > view::Checkpoints::believed_for) drop(partition);
  database_->prepare("DELETE FROM row WHERE partition=?1 AND time<?2")
      ->bind(1, std::int64_t{partition})
      .bind(2, milliseconds_of(now - kept_for))
      .run();
}

Result<void> Ledger::apply(const Restoring& restoring, const std::vector<Record>& records) {
  if (is_overtaken(restoring))
    return tl::unexpected(overtaken());  // these rows may be older than what is here
  check_view();
  const int partition = restoring.partition;
  database_->transaction([&] {
    for (const auto& record : records) apply(partition, record);
    const auto next =
        records.empty() ? checkpoints_.start(topic_, partition).offset : records.back().at.offset + 1;
    checkpoints_.advance(topic_, partition, next, milliseconds_of(restoring.now));
  });
  return {};
}

void Ledger::apply(int partition, const Record& record) {
  if (!record.value) {
    database_->prepare("DELETE FROM row WHERE partition=?1 AND key=?2")
        ->bind(1, std::int64_t{partition})
        .bind(2, record.key)
        .run();
    return;
  }
  const auto row = wire::ledger_row_in(*record.value);
  if (row)
    keep(partition, record.key, *record.value, row->generation, truncate(record.time));
  else
    keep_unreadable(partition, record, row.error());
}

}  // namespace aftercall::crm_writer
