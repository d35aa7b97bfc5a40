#include "crm_writer/ledger.hpp"

#include <utility>

#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer {
namespace {

constexpr std::size_t rows_at_once = 1000;
constexpr std::chrono::seconds restore_within{120};
// The topic keeps tombstones for a week; a view that stood still for longer than this might have missed one.
constexpr std::chrono::hours believed_for{5 * 24};
// As long as the topic keeps rows.
constexpr std::chrono::hours kept_for{180 * 24};

constexpr std::string_view tables = R"(
CREATE TABLE row(partition INTEGER NOT NULL, key BLOB NOT NULL, generation INTEGER NOT NULL, time INTEGER NOT NULL,
  value BLOB NOT NULL, PRIMARY KEY(partition, key)) WITHOUT ROWID;
CREATE INDEX row_generation ON row(partition, generation);
)";

// The first key behind all that begin with this prefix, which ends in '/'.
std::string behind(std::string prefix) {
  prefix.back() = '/' + 1;
  return prefix;
}

}  // namespace

std::string Ledger::schema() { return std::string(tables) + std::string(view::Checkpoints::schema); }

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& path, bus::Bus& bus,
                                             bus::Producer& producer, wire::TopicNames topics) {
  auto database = view::Database::open(path, schema());
  if (!database) return tl::unexpected(database.error());
  return std::unique_ptr<Ledger>(new Ledger(std::move(*database), bus, producer, topics));
}

Ledger::Ledger(view::Database database, bus::Bus& bus, bus::Producer& producer,
               const wire::TopicNames& topics)
    : database_(std::move(database)),
      checkpoints_(database_),
      bus_(bus),
      producer_(producer),
      topic_(topics.of(wire::topic::delivery_ledger)),
      events_(topics.of(wire::topic::note_ready)) {}

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

asio::awaitable<Result<void>> Ledger::restore(int partition, Instant now) {
  const auto deadline = std::chrono::steady_clock::now() + restore_within;
  if (!compared_) {
    const auto compared = co_await compare_partitions(deadline);
    if (!compared) co_return compared;
  }
  drop_if_stale(partition, now);
  const auto opened = co_await reader_of(partition, deadline);
  if (!opened) co_return tl::unexpected(opened.error());
  const auto& reader = *opened;
  while (!reader->caught_up()) {
    const auto records = co_await reader->read(rows_at_once, deadline);
    if (!records) co_return tl::unexpected(records.error());
    const auto applied = apply(partition, *records, now);
    if (!applied) co_return tl::unexpected(applied.error());
    if (records->empty() && std::chrono::steady_clock::now() >= deadline)
      co_return fail(Cause::Timeout, "the ledger's partition could not be read to its end in time");
  }
  const auto current = apply(partition, {}, now);  // also when nothing was new: it was compared today
  if (!current) co_return tl::unexpected(current.error());
  owned_[partition] = generation_of(partition) + 1;
  co_return Result<void>();
}

void Ledger::forget(int partition) { owned_.erase(partition); }

asio::awaitable<Result<std::unique_ptr<bus::Reader>>> Ledger::reader_of(int partition,
                                                                        bus::Deadline deadline) {
  auto reader = bus_.reader({checkpoints_.start(topic_, partition)});
  const auto aimed = co_await reader->aim(deadline);
  if (!aimed) co_return tl::unexpected(aimed.error());
  if (!checkpoints_.astray_in(reader->ground()).empty()) {
    drop(partition);
    reader = bus_.reader({checkpoints_.start(topic_, partition)});
  }
  co_return std::move(reader);
}

void Ledger::drop(int partition) {
  database_.transaction([&] {
    database_.prepare("DELETE FROM row WHERE partition=?1")->bind(1, std::int64_t{partition}).run();
    checkpoints_.forget(topic_, partition);
  });
}

void Ledger::drop_if_stale(int partition, Instant now) {
  const auto read_at = checkpoints_.read_at(topic_, partition);
  if (read_at && now - instant_of(*read_at) > believed_for) drop(partition);
  database_.prepare("DELETE FROM row WHERE partition=?1 AND time<?2")
      ->bind(1, std::int64_t{partition})
      .bind(2, milliseconds_of(now - kept_for))
      .run();
}

Result<void> Ledger::apply(int partition, const std::vector<Record>& records, Instant now) {
  Result<void> applied;
  database_.transaction([&] {
    for (const auto& record : records) {
      applied = apply(partition, record);
      if (!applied) return;  // what is before it stays; the checkpoint does not move
    }
    const auto next =
        records.empty() ? checkpoints_.start(topic_, partition).offset : records.back().at.offset + 1;
    checkpoints_.advance(topic_, partition, next, milliseconds_of(now));
  });
  return applied;
}

Result<void> Ledger::apply(int partition, const Record& record) {
  if (!record.value) {
    database_.prepare("DELETE FROM row WHERE partition=?1 AND key=?2")
        ->bind(1, std::int64_t{partition})
        .bind(2, record.key)
        .run();
    return {};
  }
  wire::v1::LedgerRow message;
  if (!message.ParseFromString(*record.value)) return fail(Cause::Malformed, "a ledger row cannot be read");
  const auto row = wire::from_wire(message);  // guessing at a newer release's row could write a record twice
  if (!row) return tl::unexpected(row.error());
  if (row->generation >= generation_of(partition))
    keep(partition, record.key, *record.value, row->generation, truncate(record.time));
  return {};
}

void Ledger::keep(int partition, const std::string& key, const std::string& value, std::int64_t generation,
                  Instant at) {
  database_.prepare("INSERT OR REPLACE INTO row VALUES(?1, ?2, ?3, ?4, ?5)")
      ->bind(1, std::int64_t{partition})
      .bind(2, key)
      .bind(3, generation)
      .bind(4, milliseconds_of(at))
      .bind(5, value)
      .run();
}

std::int64_t Ledger::generation_of(int partition) const {
  const auto highest = database_.prepare("SELECT coalesce(max(generation), 0) FROM row WHERE partition=?1");
  highest->bind(1, std::int64_t{partition});
  return highest->step() ? highest->number(0) : 0;
}

Standing Ledger::standing(int partition, const CrmAccount& account, const SessionKey& session) const {
  const auto prefix = wire::unit_prefix(account, session);
  const auto found = database_.prepare("SELECT value FROM row WHERE partition=?1 AND key>?2 AND key<?3");
  found->bind(1, std::int64_t{partition}).bind(2, prefix).bind(3, behind(prefix));
  std::vector<LedgerRow> rows;
  while (found->step()) {
    wire::v1::LedgerRow message;
    message.ParseFromString(found->text(0));
    if (auto row = wire::from_wire(message)) rows.push_back(std::move(*row));  // restore() has read it once
  }
  return Standing(std::move(rows));
}

asio::awaitable<Result<void>> Ledger::record(int partition, CrmAccount account, SessionKey session,
                                             std::vector<LedgerRow> rows) {
  for (auto& row : rows) {
    const auto owned = owned_.find(partition);
    if (owned == owned_.end()) co_return fail(Cause::Unreachable, "the partition is not ours any more");
    row.generation = owned->second;
    Draft draft;
    draft.topic = topic_;
    draft.key = wire::ledger_key(account, session, row.name);
    draft.value = wire::to_wire(row, account, session).SerializeAsString();
    draft.partition = partition;
    const auto key = draft.key;
    const auto value = *draft.value;
    const auto acked = co_await producer_.publish(std::move(draft));
    if (!acked) co_return tl::unexpected(acked.error());
    // Lost and regained meanwhile: what was read since may be newer than this.
    const auto still = owned_.find(partition);
    if (still != owned_.end() && still->second == row.generation)
      keep(partition, key, value, row.generation, row.updated_at);
  }
  co_return Result<void>();
}

}  // namespace aftercall::crm_writer
