#include "wire/time.hpp"

namespace aftercall::wire {

void write_time(google::protobuf::Timestamp& out, Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<int>(std::chrono::nanoseconds(at - seconds).count()));
}

std::optional<Instant> read_time(const google::protobuf::Timestamp& time) {
  // The range of RFC 3339's four-digit years, as Protobuf's own documentation of Timestamp bounds it.
  constexpr std::int64_t first = -62135596800;
  constexpr std::int64_t last = 253402300799;
  if (time.seconds() < first || time.seconds() > last || time.nanos() < 0 || time.nanos() > 999999999)
    return std::nullopt;
  return Instant(std::chrono::seconds(time.seconds()) + std::chrono::milliseconds(time.nanos() / 1000000));
}

}  // namespace aftercall::wire
