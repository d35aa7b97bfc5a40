#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "crm_writer/standing.hpp"
#include "view/checkpoints.hpp"
#include "view/database.hpp"
#include "wire/delivery_ledger.hpp"
#include "wire/topics.hpp"

namespace aftercall::crm_writer {

namespace asio = boost::asio;

// The ledger's rows, as this process has read them. Kafka holds them; what is here is a view of it in SQLite,
// kept with its checkpoint, so that getting a partition back reads only what came since. The file may be
// deleted at any time.
class Ledger {
 public:
  static std::string schema();  // of the view's file
  // An empty path keeps the view in memory.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& path, bus::Bus& bus,
                                              bus::Producer& producer, wire::TopicNames topics);

  // Whoever restores a partition to write claims it: a generation that no other owner has or had. A dry run
  // only reads.
  enum class Ownership { Claimed, None };

  // Reads the partition to the end it has now: before that, nothing of it may be written. A row of a lower
  // generation is an earlier owner's and replaces none of a later one's; where it is the only one of its key,
  // it is all that is known of that record (compaction may have taken the other), and is believed. When the
  // partition goes or is restored anew meanwhile, the earlier restore changes nothing more and fails.
  asio::awaitable<Result<void>> restore(int partition, Instant now, Ownership ownership = Ownership::Claimed);
  void forget(int partition);  // it is somebody else's now; what was read stays for when it comes back

  // This and what follows throw view::DiskTrouble, which whoever catches it tells to lose().
  Standing standing(int partition, const CrmAccount& account, const SessionKey& session) const;
  // Acked by Kafka, then visible here. While Kafka is away it waits: what may stand in the CRM must be
  // written down, and it is no failed try of the unit's. Ends early when the partition becomes somebody
  // else's.
  asio::awaitable<Result<void>> record(int partition, CrmAccount account, SessionKey session,
                                       std::vector<LedgerRow> rows);
  std::optional<std::string> away() const;  // Kafka takes no rows: nothing new should be begun
  // Where rows lie that this release cannot read: damaged, or a newer one's. Their units wait.
  std::optional<std::string> unreadable() const;

  // The view's disk is full or broken: rows that Kafka has may be missing here, so nothing is decided by it
  // any more, and the stage ends. The next one reads on from the checkpoint.
  void lose(const Failure& why);
  std::optional<std::string> lost() const;

 private:
  struct Unacked {
    Draft draft;
    Instant at;
  };
  struct Restoring {
    int partition = 0;
    std::uint64_t turn = 0;  // as in turns_
    Instant now;
    bus::Deadline deadline;
    Ownership ownership = Ownership::Claimed;
  };
  // Once; what was acked is kept here and leaves `rows`.
  asio::awaitable<Result<void>> publish(int partition, std::int64_t generation, std::vector<Unacked>* rows);
  // A rolling upgrade: a newer release may have written the row that `message` replaces.
  void keep_newer_fields(int partition, const std::string& key, wire::v1::LedgerRow& message) const;
  asio::awaitable<void> settle_soon();
  asio::awaitable<Result<void>> read_and_claim(Restoring restoring);
  void check_view() const;  // throws what it was lost by
  bool is_ours(int partition, std::int64_t generation) const;
  bool is_overtaken(const Restoring& restoring) const;
  Ledger(view::Database database, bus::Bus& bus, bus::Producer& producer, const wire::TopicNames& topics);
  // A row lies on the partition number of its event: that needs as many of them.
  asio::awaitable<Result<void>> compare_partitions(bus::Deadline deadline);
  asio::awaitable<Result<void>> claim(Restoring restoring, bus::Reader* reader);
  asio::awaitable<Result<std::int64_t>> read_to(Restoring restoring, std::int64_t offset,
                                                bus::Reader* reader);
  Result<void> apply(const Restoring& restoring, const std::vector<Record>& records);
  void apply(int partition, const Record& record);
  void keep_unreadable(int partition, const Record& record, const Failure& why);
  // Rows of which not even the key tells whose they are.
  asio::awaitable<Result<void>> set_aside(Restoring restoring, const std::vector<Record>* records);
  std::string place_of(int partition, std::int64_t offset) const;
  void keep(int partition, const std::string& key, const std::string& value, std::int64_t generation,
            Instant at);
  std::int64_t generation_of(int partition) const;  // the highest seen
  void drop(int partition);
  void drop_if_stale(int partition, Instant now);
  // A reader that goes on where the view stands, if that is a place in this Kafka at all.
  asio::awaitable<Result<std::unique_ptr<bus::Reader>>> reader_of(Restoring restoring);

  std::shared_ptr<view::Database> database_;  // a settling that comes after our end finds it gone
  view::Checkpoints checkpoints_;
  bus::Bus& bus_;
  bus::Producer& producer_;
  wire::TopicNames topics_;
  std::string topic_;
  std::string events_;  // note.ready
  bool compared_ = false;
  bool settling_ = false;    // what was gathered in the view is put into its file soon
  std::size_t waiting_ = 0;  // for Kafka to take rows
  std::optional<Failure> lost_;
  std::map<int, std::int64_t> owned_;   // partition → our generation
  std::map<int, std::uint64_t> turns_;  // partition → how often it came and went
};

}  // namespace aftercall::crm_writer
