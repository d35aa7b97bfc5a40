#include "crm_writer/ledger.hpp"

#include "telemetry/log.hpp"
#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer {
namespace {

constexpr std::size_t rows_at_once = 1000;
constexpr std::chrono::seconds restore_within{120};

}  // namespace

Ledger::Ledger(bus::Bus& bus, bus::Producer& producer, wire::TopicNames topics)
    : bus_(bus), producer_(producer), topic_(topics.of(wire::topic::delivery_ledger)) {}

asio::awaitable<Result<void>> Ledger::restore(int partition) {
  const auto deadline = std::chrono::steady_clock::now() + restore_within;
  partitions_.insert_or_assign(partition, Kept{});
  const auto reader = bus_.reader({{topic_, partition}});
  while (!reader->caught_up()) {
    auto records = co_await reader->read(rows_at_once, deadline);
    if (!records) co_return tl::unexpected(records.error());
    for (const auto& record : *records) {
      if (!record.value) {
        partitions_[partition].rows.erase(record.key);
        continue;
      }
      wire::v1::LedgerRow message;
      if (!message.ParseFromString(*record.value))
        co_return fail(Cause::Malformed, "a ledger row cannot be read");
      auto row = wire::from_wire(message);
      if (!row) co_return tl::unexpected(row.error());  // guessing here could write a record twice
      keep(partition, record.key, std::move(*row));
    }
    if (records->empty() && std::chrono::steady_clock::now() >= deadline)
      co_return fail(Cause::Timeout, "the ledger's partition could not be read to its end in time");
  }
  auto& kept = partitions_[partition];
  ++kept.generation;
  co_return Result<void>();
}

void Ledger::forget(int partition) { partitions_.erase(partition); }

void Ledger::keep(int partition, std::string key, LedgerRow row) {
  auto& kept = partitions_[partition];
  if (row.generation < kept.generation) return;
  kept.generation = row.generation;
  kept.rows.insert_or_assign(std::move(key), std::move(row));
}

Standing Ledger::standing(int partition, const CrmAccount& account, const SessionKey& session) const {
  const auto kept = partitions_.find(partition);
  if (kept == partitions_.end()) return Standing();
  const auto prefix = wire::unit_prefix(account, session);
  std::vector<LedgerRow> rows;
  for (auto each = kept->second.rows.lower_bound(prefix);
       each != kept->second.rows.end() && each->first.starts_with(prefix); ++each)
    rows.push_back(each->second);
  return Standing(std::move(rows));
}

asio::awaitable<Result<void>> Ledger::record(int partition, CrmAccount account, SessionKey session,
                                             std::vector<LedgerRow> rows) {
  for (auto& row : rows) {
    const auto kept = partitions_.find(partition);
    if (kept == partitions_.end()) co_return fail(Cause::Unreachable, "the partition is not ours any more");
    row.generation = kept->second.generation;
    Draft draft;
    draft.topic = topic_;
    draft.key = wire::ledger_key(account, session, row.name);
    draft.value = wire::to_wire(row, account, session).SerializeAsString();
    draft.partition = partition;
    auto key = draft.key;
    const auto acked = co_await producer_.publish(std::move(draft));
    if (!acked) co_return tl::unexpected(acked.error());
    if (partitions_.contains(partition)) keep(partition, std::move(key), row);
  }
  co_return Result<void>();
}

std::size_t Ledger::rows() const {
  std::size_t count = 0;
  for (const auto& [partition, kept] : partitions_) count += kept.rows.size();
  return count;
}

}  // namespace aftercall::crm_writer
