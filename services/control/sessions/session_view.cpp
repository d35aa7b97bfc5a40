#include "control/sessions/session_view.hpp"

#include <map>

namespace aftercall::control {
namespace {

constexpr std::string_view tables = R"(
CREATE TABLE fact(topic BLOB NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, kind INTEGER NOT NULL,
  time INTEGER NOT NULL, session BLOB NOT NULL, event BLOB NOT NULL, attempt INTEGER NOT NULL, run BLOB NOT NULL,
  payload BLOB NOT NULL, deferral BLOB NOT NULL, released INTEGER NOT NULL,
  PRIMARY KEY(topic, partition, offset)) WITHOUT ROWID;
CREATE INDEX fact_session ON fact(session);
CREATE INDEX fact_time ON fact(time);
CREATE INDEX fact_waiting ON fact(deferral) WHERE kind = 4 AND released = 0;
CREATE TABLE id(id BLOB NOT NULL, session BLOB NOT NULL, time INTEGER NOT NULL, PRIMARY KEY(id, session)) WITHOUT ROWID;
)";

constexpr auto columns =
    "topic, partition, offset, kind, time, session, event, attempt, run, payload, deferral, released";

// Rows live as long as the records they came from.
constexpr std::chrono::hours settled_for{90 * 24};
constexpr std::chrono::hours others_for{30 * 24};
constexpr std::chrono::minutes expire_every{10};

Fact fact_in(const view::Statement& row) {
  Fact fact;
  fact.at = {row.text(0), static_cast<int>(row.number(1)), row.number(2)};
  fact.kind = static_cast<Fact::Kind>(row.number(3));
  fact.time = instant_of(row.number(4));
  fact.session = row.text(5);
  fact.event = row.text(6);
  fact.attempt = static_cast<int>(row.number(7));
  fact.run = row.text(8);
  fact.payload = row.text(9);
  fact.deferral = row.text(10);
  if (const auto released = row.number(11); released != 0) fact.released = instant_of(released);
  return fact;
}

std::vector<Fact> all_in(view::Statement& rows) {
  std::vector<Fact> facts;
  while (rows.step()) facts.push_back(fact_in(rows));
  return facts;
}

}  // namespace

Result<std::unique_ptr<SessionView>> SessionView::open(const std::filesystem::path& path,
                                                       wire::TopicNames topics) {
  const auto schema = std::string(tables) + std::string(view::Checkpoints::schema);
  auto database = view::Database::open(path, schema);
  if (!database) return tl::unexpected(database.error());
  return std::unique_ptr<SessionView>(new SessionView(std::move(*database), std::move(topics)));
}

SessionView::SessionView(view::Database database, wire::TopicNames topics)
    : database_(std::move(database)), checkpoints_(database_), topics_(std::move(topics)) {}

std::vector<bus::Start> SessionView::starts(int partitions) const {
  std::vector<bus::Start> starts;
  for (const auto topic :
       {wire::topic::session_finished, wire::topic::contact_matched, wire::topic::note_ready,
        wire::topic::session_settled, wire::topic::event_deferred})
    for (int partition = 0; partition < partitions; ++partition)
      starts.push_back(checkpoints_.start(topics_.of(topic), partition));
  return starts;
}

bool SessionView::begin_anew_unless_in(const bus::Ground& ground, Instant now) {
  const bool astray = !checkpoints_.astray_in(ground).empty();
  const auto newest = checkpoints_.newest();
  const bool stale = newest && now - instant_of(*newest) > view::Checkpoints::believed_for;
  if (!astray && !stale) return false;
  database_.transaction([&] { database_.run("DELETE FROM fact; DELETE FROM id; DELETE FROM checkpoint;"); });
  return true;
}

void SessionView::apply(const std::vector<Record>& records, Instant now) {
  std::map<std::pair<std::string, int>, std::int64_t> next;
  database_.transaction([&] {
    for (const auto& record : records) {
      next[{record.at.topic, record.at.partition}] = record.at.offset + 1;
      if (const auto released = release_in(record, topics_)) release(record, *released);
      if (const auto fact = fact_of(record, topics_)) keep(*fact);
    }
    for (const auto& [partition, offset] : next)
      checkpoints_.advance(partition.first, partition.second, offset, milliseconds_of(now));
    if (now - expired_at_ > expire_every) expire(now);
  });
}

void SessionView::keep(const Fact& fact) {
  database_.prepare("INSERT OR IGNORE INTO fact VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,0)")
      ->bind(1, fact.at.topic)
      .bind(2, std::int64_t{fact.at.partition})
      .bind(3, fact.at.offset)
      .bind(4, static_cast<std::int64_t>(fact.kind))
      .bind(5, milliseconds_of(fact.time))
      .bind(6, fact.session)
      .bind(7, fact.event)
      .bind(8, std::int64_t{fact.attempt})
      .bind(9, fact.run)
      .bind(10, fact.payload)
      .bind(11, fact.deferral)
      .run();
  for (const auto& id : fact.ids)
    if (!id.empty())
      database_
          .prepare("INSERT INTO id VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET time=max(time,excluded.time)")
          ->bind(1, id)
          .bind(2, fact.session)
          .bind(3, milliseconds_of(fact.time))
          .run();
}

void SessionView::release(const Record& record, const std::string& deferral) {
  database_.prepare("UPDATE fact SET released=?1 WHERE deferral=?2 AND kind=4 AND released=0")
      ->bind(1, milliseconds_of(truncate(record.time)))
      .bind(2, deferral)
      .run();
}

void SessionView::expire(Instant now) {
  expired_at_ = now;
  constexpr auto settled = static_cast<std::int64_t>(Fact::Kind::Settled);
  const auto forget = [&](const char* sql, std::chrono::hours age) {
    database_.prepare(sql)->bind(1, milliseconds_of(now - age)).bind(2, settled).run();
  };
  forget("DELETE FROM fact WHERE time < ?1 AND kind = ?2", settled_for);
  forget("DELETE FROM fact WHERE time < ?1 AND kind <> ?2", others_for);
  forget("DELETE FROM id WHERE time < ?1 AND ?2 = ?2", settled_for);
}

std::vector<Fact> SessionView::facts_of(const std::string& session) const {
  const auto rows = database_.prepare(std::string("SELECT ") + columns + " FROM fact WHERE session=?1");
  rows->bind(1, session);
  return all_in(*rows);
}

std::vector<std::string> SessionView::sessions_with(const std::string& id, int most) const {
  const auto rows =
      database_.prepare("SELECT session FROM id WHERE id=?1 ORDER BY time DESC, session LIMIT ?2");
  rows->bind(1, id).bind(2, std::int64_t{most});
  std::vector<std::string> sessions;
  while (rows->step()) sessions.push_back(rows->text(0));
  return sessions;
}

}  // namespace aftercall::control
