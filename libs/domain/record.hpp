#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aftercall {

// A record as it lies on a topic. Header names may repeat on the wire; ours never do.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Position {
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

struct Record {
  Position at;
  std::chrono::system_clock::time_point time;  // Kafka's CreateTime, in milliseconds
  std::string key;
  std::optional<std::string> value;  // nothing = tombstone
  Headers headers;
};

// A record to be: what publish() takes. Without a partition the key chooses it.
struct Draft {
  std::string topic;
  std::string key;
  std::optional<std::string> value;  // nothing = tombstone
  Headers headers;
  std::optional<int> partition{};
};

inline std::optional<std::string_view> header(const Headers& headers, std::string_view name) {
  for (const auto& [candidate, value] : headers)
    if (candidate == name) return value;
  return std::nullopt;
}

}  // namespace aftercall
