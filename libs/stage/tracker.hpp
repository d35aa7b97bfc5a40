#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace aftercall::stage {

// Which offset of one assigned partition may be committed while its records are finished out of order. It
// follows the offsets that were received, not arithmetic ones: compaction and markers leave holes.
class Tracker {
 public:
  // `units` of this record must be done before its offset is. Offsets come strictly ascending.
  void received(std::int64_t offset, std::size_t units, std::chrono::system_clock::time_point published);
  void done(std::int64_t offset);  // one unit of it; an offset that is not open is ignored

  // The next offset to be read after a crash now: the lowest that is not done, else the one behind the last
  // received. Nothing before the first record.
  std::optional<std::int64_t> watermark() const;
  std::size_t window() const { return open_.size(); }                   // records from the watermark on
  std::optional<std::chrono::system_clock::time_point> oldest() const;  // of those that are not done
  std::optional<std::chrono::system_clock::time_point> latest() const { return latest_; }

 private:
  struct Open {
    std::int64_t offset;
    std::size_t units;
    std::chrono::system_clock::time_point published;
  };
  std::deque<Open> open_;  // ascending; the first is never done
  std::optional<std::int64_t> last_;
  std::optional<std::chrono::system_clock::time_point> latest_;
};

}  // namespace aftercall::stage
