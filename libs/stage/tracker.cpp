#include "stage/tracker.hpp"

#include <algorithm>

namespace aftercall::stage {

void Tracker::received(std::int64_t offset, std::size_t units,
                       std::chrono::system_clock::time_point published) {
  last_ = offset;
  latest_ = published;
  if (units > 0 || !open_.empty()) open_.push_back({offset, units, published});
}

void Tracker::done(std::int64_t offset) {
  const auto found =
      std::lower_bound(open_.begin(), open_.end(), offset,
                       [](const Open& open, std::int64_t wanted) { return open.offset < wanted; });
  if (found == open_.end() || found->offset != offset || found->units == 0) return;
  --found->units;
  while (!open_.empty() && open_.front().units == 0) open_.pop_front();
}

std::optional<std::int64_t> Tracker::watermark() const {
  if (!open_.empty()) return open_.front().offset;
  if (!last_) return std::nullopt;
  return *last_ + 1;
}

std::optional<std::chrono::system_clock::time_point> Tracker::oldest() const {
  if (open_.empty()) return std::nullopt;
  return open_.front().published;
}

}  // namespace aftercall::stage
