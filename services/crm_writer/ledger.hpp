#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "crm_writer/standing.hpp"
#include "wire/topics.hpp"

namespace aftercall::crm_writer {

namespace asio = boost::asio;

// The ledger's rows of the partitions that this process owns. Kafka holds them; what is here is a view of it.
class Ledger {
 public:
  Ledger(bus::Bus& bus, bus::Producer& producer, wire::TopicNames topics);

  // Reads the partition to the end it has now: before that, nothing of it may be written. Rows of a lower
  // generation than the highest seen are an old owner's, and not believed.
  asio::awaitable<Result<void>> restore(int partition);
  void forget(int partition);

  Standing standing(int partition, const CrmAccount& account, const SessionKey& session) const;
  // Acked by Kafka, then visible here.
  asio::awaitable<Result<void>> record(int partition, CrmAccount account, SessionKey session,
                                       std::vector<LedgerRow> rows);

  std::size_t rows() const;

 private:
  struct Kept {
    std::int64_t generation = 0;
    std::map<std::string, LedgerRow> rows;  // by Kafka key: a unit's rows lie side by side
  };
  void keep(int partition, std::string key, LedgerRow row);

  bus::Bus& bus_;
  bus::Producer& producer_;
  std::string topic_;
  std::map<int, Kept> partitions_;
};

}  // namespace aftercall::crm_writer
