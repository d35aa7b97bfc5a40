#include <algorithm>
#include <utility>

#include "crm_writer/ledger.hpp"
#include "stage/drafts.hpp"
#include "telemetry/log.hpp"
#include "wire/delivery_ledger.hpp"

// Rows that this release cannot read: damaged, or a newer one's. To guess at one could write a record twice,
// so its unit waits; everybody else goes on.
namespace aftercall::crm_writer {
namespace {

constexpr int named_at_once = 3;

// Whose a row is, its key tells: behind a unit's prefix anything may stand.
bool names_a_unit(const std::string& key) { return std::count(key.begin(), key.end(), '/') >= 4; }

bool is_nobodys(const Record& record) {
  if (!record.value || names_a_unit(record.key)) return false;
  return record.key != wire::claim_kind || !wire::ledger_row_in(*record.value);
}

}  // namespace

std::string Ledger::place_of(int partition, std::int64_t offset) const {
  return topic_ + " partition " + std::to_string(partition) + " offset " + std::to_string(offset);
}

// Whatever it says of its owner cannot be relied on: as if it were the latest one's.
void Ledger::keep_unreadable(int partition, const Record& record, const Failure& why) {
  if (!names_a_unit(record.key)) return;
  log::error(
      "ledger.row_not_read",
      {{"topic", topic_}, {"partition", partition}, {"offset", record.at.offset}, {"why", why.detail}});
  keep(partition, record.key, *record.value, generation_of(partition), truncate(record.time));
  database_->prepare("UPDATE row SET unreadable=?3 WHERE partition=?1 AND key=?2")
      ->bind(1, std::int64_t{partition})
      .bind(2, record.key)
      .bind(3, record.at.offset)
      .run();
}

std::optional<std::string> Ledger::unreadable() const {
  if (lost_) return std::nullopt;
  const auto found = database_->prepare(
      "SELECT partition, unreadable, value FROM row WHERE unreadable IS NOT NULL ORDER BY partition, "
      "unreadable");
  std::string places;
  int named = 0;
  int more = 0;
  while (found->step()) {
    if (wire::ledger_row_in(found->text(2))) continue;  // an older release read it last
    if (named == named_at_once) {
      ++more;
      continue;
    }
    places += (named++ == 0 ? "" : ", ") + place_of(static_cast<int>(found->number(0)), found->number(1));
  }
  if (named == 0) return std::nullopt;
  if (more > 0) places += " and " + std::to_string(more) + " more";
  return "rows that this release cannot read: " + places + "; their units wait";
}

// Dead from the start, and kept with the place where it lies.
asio::awaitable<Result<void>> Ledger::set_aside(Restoring restoring, const std::vector<Record>* records) {
  for (const auto& record : *records) {
    if (!is_nobodys(record)) continue;
    const auto place = place_of(restoring.partition, record.at.offset);
    log::error("ledger.key_not_read",
               {{"topic", topic_}, {"partition", restoring.partition}, {"offset", record.at.offset}});
    if (restoring.ownership == Ownership::None) continue;
    stage::Event event{record, stage::unreadable(record)};
    event.envelope.tenant = TenantId();  // this topic's keys begin with a CRM account
    stage::Deferral dead;
    dead.failure = {Cause::Malformed, "a ledger row names no unit: " + place};
    dead.tries = 1;
    const stage::Maker maker{"crm_writer", topics_, restoring.now, event.envelope.traceparent};
    auto publishing = producer_.publish(stage::deferred(maker, event, CrmAccount(), dead));
    const auto acked = co_await std::move(publishing);
    if (!acked) co_return tl::unexpected(acked.error());
  }
  co_return Result<void>();
}

}  // namespace aftercall::crm_writer
