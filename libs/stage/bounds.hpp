#pragma once
#include <chrono>
#include <cstddef>

namespace aftercall::stage {

// How much of one lane (a tenant's CRM account) may be inside the process.
struct LaneBounds {
  std::size_t units = 512;
  std::size_t bytes = 16UL << 20U;
  std::size_t slots = 32;  // steps at once; Dynamics itself refuses more than 52 requests of one user at once
  // A rest that is longer is waited for in event.deferred.
  std::chrono::milliseconds patience{5'000};
};

// How much of everything may be inside the process; above it nothing more is read. Bytes are those of all
// copies of an event; what Kafka's client holds comes on top: 8 MiB for each partition, and 64 MiB not yet
// acked.
struct Bounds {
  std::size_t units = 4096;
  std::size_t bytes = 64UL << 20U;
  std::size_t slots = 128;
  std::size_t window = 50'000;  // records of one partition that a crash would have read again
  LaneBounds lane{};
};

}  // namespace aftercall::stage
