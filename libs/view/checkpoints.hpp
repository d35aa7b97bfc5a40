#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bus/reader.hpp"
#include "view/database.hpp"

namespace aftercall::view {

// How far each partition has been read into a view. Written in the transaction of the rows themselves: after
// a crash both are there or neither.
class Checkpoints {
 public:
  static constexpr std::string_view schema =
      "CREATE TABLE checkpoint(topic BLOB NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, "
      "read_at INTEGER NOT NULL, cluster BLOB NOT NULL, PRIMARY KEY(topic, partition)) WITHOUT ROWID;";

  explicit Checkpoints(Database& database) : database_(&database) {}
  // To be called before anything is read: what advance() writes belongs to this Kafka. Answers the partitions
  // whose checkpoint is no place in it (another cluster's, behind the end, before the beginning), because
  // Kafka's disks were lost, or the file is older than what retention keeps. Their rows are of no worth: they
  // are dropped, the checkpoint is forgotten, and they are read from the beginning.
  std::vector<bus::Extent> astray_in(const bus::Ground& ground);
  // Where to go on; the beginning where nothing was read yet.
  bus::Start start(const std::string& topic, int partition) const;
  void advance(const std::string& topic, int partition, std::int64_t next, std::int64_t now_ms);
  void forget(const std::string& topic, int partition);
  // A view that stood still for longer than tombstones are kept (7 days, wire/topic_table.cpp) may have
  // missed one, and is begun anew; some slack included.
  static constexpr std::chrono::hours believed_for{5 * 24};
  // When the partition was read last, in milliseconds since 1970.
  std::optional<std::int64_t> read_at(const std::string& topic, int partition) const;
  // When any partition was read last, for a view that reads all of them together.
  std::optional<std::int64_t> newest() const;

 private:
  Database* database_;
  std::string cluster_;
};

}  // namespace aftercall::view
