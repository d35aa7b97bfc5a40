#include "crm_writer/ledger.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bus/publish_all.hpp"
#include "telemetry/log.hpp"
#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer {
namespace {

constexpr std::string_view tables = R"(
CREATE TABLE row(partition INTEGER NOT NULL, key BLOB NOT NULL, generation INTEGER NOT NULL, time INTEGER NOT NULL,
  value BLOB NOT NULL, unreadable INTEGER, PRIMARY KEY(partition, key)) WITHOUT ROWID;
CREATE INDEX row_generation ON row(partition, generation);
CREATE INDEX row_unreadable ON row(partition, unreadable) WHERE unreadable IS NOT NULL;
)";

constexpr std::chrono::milliseconds between_tries{500};
constexpr std::chrono::milliseconds settled_within{100};

// The first key behind all that begin with this prefix, which ends in '/'.
std::string behind(std::string prefix) {
  prefix.back() = '/' + 1;
  return prefix;
}

bool may_pass(const Result<void>& recorded) {
  return !recorded && kind_of(recorded.error().cause) != Kind::Permanent;
}

Failure taken_away() { return {Cause::Unreachable, "the partition is not ours any more"}; }

asio::awaitable<void> pause() {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, between_tries);
  co_await timer.async_wait(asio::use_awaitable);
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
    : database_(std::make_shared<view::Database>(std::move(database))),
      checkpoints_(*database_),
      bus_(bus),
      producer_(producer),
      topics_(topics),
      topic_(topics.of(wire::topic::delivery_ledger)),
      events_(topics.of(wire::topic::note_ready)) {}

void Ledger::forget(int partition) {
  ++turns_[partition];
  owned_.erase(partition);
}

void Ledger::keep(int partition, const std::string& key, const std::string& value, std::int64_t generation,
                  Instant at) {
  database_
      ->prepare(
          "INSERT INTO row VALUES(?1, ?2, ?3, ?4, ?5, NULL) ON CONFLICT(partition, key) DO UPDATE SET "
          "generation=?3, time=?4, value=?5, unreadable=NULL WHERE generation<=?3")
      ->bind(1, std::int64_t{partition})
      .bind(2, key)
      .bind(3, generation)
      .bind(4, milliseconds_of(at))
      .bind(5, value)
      .run();
}

std::int64_t Ledger::generation_of(int partition) const {
  const auto highest = database_->prepare("SELECT coalesce(max(generation), 0) FROM row WHERE partition=?1");
  highest->bind(1, std::int64_t{partition});
  return highest->step() ? highest->number(0) : 0;
}

Standing Ledger::standing(int partition, const CrmAccount& account, const SessionKey& session) const {
  check_view();
  const auto prefix = wire::unit_prefix(account, session);
  const auto found = database_->prepare(
      "SELECT value, coalesce(unreadable, -1) FROM row WHERE partition=?1 AND key>?2 AND key<?3");
  found->bind(1, std::int64_t{partition}).bind(2, prefix).bind(3, behind(prefix));
  std::vector<LedgerRow> rows;
  std::optional<Failure> unread;
  while (found->step()) {
    auto row = wire::ledger_row_in(found->text(0));
    if (row)
      rows.push_back(std::move(*row));
    else
      unread = Failure{row.error().cause, row.error().detail + ": " + place_of(partition, found->number(1)) +
                                              "; its unit is not written before it can be read"};
  }
  return Standing(std::move(rows), std::move(unread));
}

void Ledger::keep_newer_fields(int partition, const std::string& key, wire::v1::LedgerRow& message) const {
  const auto found = database_->prepare("SELECT value FROM row WHERE partition=?1 AND key=?2");
  found->bind(1, std::int64_t{partition}).bind(2, key);
  wire::v1::LedgerRow stored;
  if (found->step() && stored.ParseFromString(found->text(0))) wire::keep_unknown_fields(stored, message);
}

bool Ledger::is_ours(int partition, std::int64_t generation) const {
  const auto owned = owned_.find(partition);
  return owned != owned_.end() && owned->second == generation;
}

asio::awaitable<Result<void>> Ledger::record(int partition, CrmAccount account, SessionKey session,
                                             std::vector<LedgerRow> rows) {
  if (rows.empty()) co_return Result<void>();
  check_view();
  const auto owned = owned_.find(partition);
  if (owned == owned_.end()) co_return tl::unexpected(taken_away());
  const auto generation = owned->second;
  std::vector<Unacked> left;
  for (auto& row : rows) {
    row.generation = generation;
    auto& [draft, at] = left.emplace_back();
    draft.topic = topic_;
    draft.key = wire::ledger_key(account, session, row.name);
    auto message = wire::to_wire(row, account, session);
    keep_newer_fields(partition, draft.key, message);
    draft.value = message.SerializeAsString();
    draft.partition = partition;
    at = row.updated_at;
  }
  auto recorded = co_await publish(partition, generation, &left);
  if (!may_pass(recorded) || !is_ours(partition, generation)) co_return recorded;
  log::warn("ledger.not_recorded", {{"partition", partition}, {"why", recorded.error().detail}});
  ++waiting_;
  while (may_pass(recorded)) {
    co_await pause();
    if (!is_ours(partition, generation)) break;
    auto again = co_await publish(partition, generation, &left);
    recorded = std::move(again);
  }
  --waiting_;
  co_return recorded;
}

asio::awaitable<Result<void>> Ledger::publish(int partition, std::int64_t generation,
                                              std::vector<Unacked>* rows) {
  std::vector<Draft> drafts;
  for (const auto& row : *rows) drafts.push_back(row.draft);
  auto publishing = bus::publish_all(producer_, std::move(drafts));
  const auto acked = co_await std::move(publishing);
  // Lost, and maybe regained: what was read since may be newer than this.
  if (!is_ours(partition, generation)) co_return tl::unexpected(taken_away());
  database_->gather([&] {
    for (std::size_t i = 0; i < acked.size(); ++i)
      if (const auto& row = (*rows)[i]; acked[i])
        keep(partition, row.draft.key, *row.draft.value, generation, row.at);
  });
  co_await settle_soon();
  Result<void> all;
  std::vector<Unacked> left;
  for (std::size_t i = 0; i < acked.size(); ++i) {
    if (acked[i]) continue;
    if (all || may_pass(all)) all = tl::unexpected(acked[i].error());
    left.push_back(std::move((*rows)[i]));
  }
  *rows = std::move(left);
  co_return all;
}

// What a crash takes from the file before that lies behind its checkpoint, and is read again.
asio::awaitable<void> Ledger::settle_soon() {
  if (settling_) co_return;
  settling_ = true;
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor, settled_within);
  timer->async_wait([this, timer, open = std::weak_ptr(database_)](boost::system::error_code) {
    const auto database = open.lock();
    if (!database) return;
    settling_ = false;
    try {
      database->settle();
    } catch (const view::DiskTrouble& trouble) {
      lose(trouble.failure());
    }
  });
}

std::optional<std::string> Ledger::away() const {
  if (waiting_ == 0) return std::nullopt;
  return "Kafka does not take the ledger's rows";
}

void Ledger::lose(const Failure& why) {
  if (lost_) return;
  lost_ = why;
  log::error("ledger.lost", {{"why", why.detail}});
}

std::optional<std::string> Ledger::lost() const {
  if (!lost_) return std::nullopt;
  return lost_->detail;
}

void Ledger::check_view() const {
  if (lost_) throw view::DiskTrouble(*lost_);
}

}  // namespace aftercall::crm_writer
