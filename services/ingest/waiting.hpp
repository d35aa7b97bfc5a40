#pragma once
#include <cstddef>
#include <map>

#include "domain/id.hpp"

namespace aftercall::ingest {

// How many requests may wait for Kafka, and how much of that one tenant may take: when Kafka is slow,
// nobody's burst shuts the door for the others. A request waits until Kafka has decided on all of it, even if
// its client has been answered before.
class Waiting {
 public:
  struct Bounds {
    std::size_t requests = 1000;
    std::size_t bytes = 64UL << 20U;  // as many as the producer holds unacked
  };
  enum class Verdict { Admitted, TenantFull, Full };

  explicit Waiting(Bounds bounds) : bounds_(bounds) {}
  Verdict admit(const TenantId& tenant, std::size_t bytes);
  void release(const TenantId& tenant, std::size_t bytes);
  bool full() const { return all_.requests >= bounds_.requests || all_.bytes >= bounds_.bytes; }
  std::size_t requests() const { return all_.requests; }

 private:
  struct Load {
    std::size_t requests = 0;
    std::size_t bytes = 0;
  };
  Bounds bounds_;
  Load all_;
  std::map<TenantId, Load> by_tenant_;  // of those that wait
};

}  // namespace aftercall::ingest
