#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "control/sessions/fact.hpp"
#include "view/checkpoints.hpp"
#include "view/database.hpp"

namespace aftercall::control {

// Every session's facts in SQLite: a view of five topics, rebuilt from them when its file is gone. The order
// in which topics are read does not show.
class SessionView {
 public:
  // An empty path keeps it in memory.
  static Result<std::unique_ptr<SessionView>> open(const std::filesystem::path& path,
                                                   wire::TopicNames topics);

  // Where each of the partitions has to be read from.
  std::vector<bus::Start> starts(int partitions) const;
  // Begins anew when what was read is not part of what Kafka holds, or so old that tombstones may have been
  // missed (checkpoints.hpp); then the starts are others.
  bool begin_anew_unless_in(const bus::Ground& ground, Instant now);
  // A batch of records and how far they reach: one transaction.
  void apply(const std::vector<Record>& records, Instant now);

  std::vector<Fact> facts_of(const std::string& session) const;  // by its key
  // Keys of the sessions that have this id of any kind: their own, a CRM record's, a link.
  std::vector<std::string> sessions_with(const std::string& id, int most) const;

 private:
  SessionView(view::Database database, wire::TopicNames topics);
  void keep(const Fact& fact);
  void release(const Record& record, const std::string& deferral);
  void expire(Instant now);

  view::Database database_;
  view::Checkpoints checkpoints_;
  wire::TopicNames topics_;
  Instant expired_at_{};
};

}  // namespace aftercall::control
