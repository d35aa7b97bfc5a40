#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace load {

// Sessions are numbered; eight digits behind this stand in their ids, links and records.
constexpr std::string_view mark = "load-";
constexpr std::size_t digits = 8;

inline std::optional<std::uint32_t> number_after_mark(std::string_view text) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos || text.size() < at + mark.size() + digits) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : text.substr(at + mark.size(), digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

inline void put_number(char* where, std::uint32_t number) {
  for (auto i = digits; i-- > 0; number /= 10) where[i] = static_cast<char>('0' + number % 10);
}

// When something first happened to each session: nanoseconds of the clock that all processes of a machine
// share.
class Times {
 public:
  // False: it had happened before.
  bool note(std::uint32_t session) {
    if (session >= at_.size()) at_.resize(session + 1UL);
    if (at_[session] != 0) return false;
    at_[session] = std::chrono::steady_clock::now().time_since_epoch().count();
    ++count_;
    return true;
  }
  std::size_t count() const { return count_; }

  // Eight bytes for each session, 0 for none.
  bool save(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return false;
    const bool whole = std::fwrite(at_.data(), sizeof at_.front(), at_.size(), file) == at_.size();
    return std::fclose(file) == 0 && whole;
  }

 private:
  std::vector<std::int64_t> at_;
  std::size_t count_ = 0;
};

}  // namespace load
