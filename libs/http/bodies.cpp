#include "http/bodies.hpp"

namespace aftercall::http {

// The last one in may go beyond the bound: a body larger than what is left must not starve.
bool Bodies::take(const std::string& whose, std::size_t bytes) {
  if (all_ >= most_) return false;
  if (!whose.empty()) {
    const auto at = by_side_.find(whose);
    if (at != by_side_.end() && at->second >= most_ / 2) return false;
    by_side_[whose] += bytes;
  }
  all_ += bytes;
  return true;
}

void Bodies::give_back(const std::string& whose, std::size_t bytes) {
  all_ -= bytes;
  const auto at = by_side_.find(whose);
  if (at != by_side_.end() && (at->second -= bytes) == 0) by_side_.erase(at);
}

bool Bodies::Held::grow_to(std::size_t bytes) {
  if (bytes <= bytes_) return true;
  if (!among_->take(whose_, bytes - bytes_)) return false;
  bytes_ = bytes;
  return true;
}

}  // namespace aftercall::http
