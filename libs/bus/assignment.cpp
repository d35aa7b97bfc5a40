#include "bus/assignment.hpp"

#include <cstdint>
#include <optional>

namespace aftercall::bus {
namespace {

// Takes big-endian numbers and names from the front, as long as all was there.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::int64_t> number(std::size_t size) {
    if (bytes_.size() < size) return std::nullopt;
    std::uint64_t value = 0;
    for (const char byte : bytes_.substr(0, size)) value = value << 8U | static_cast<unsigned char>(byte);
    bytes_.remove_prefix(size);
    const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
    return static_cast<std::int64_t>(value ^ sign) - static_cast<std::int64_t>(sign);
  }
  std::optional<std::string_view> name() {
    const auto size = number(2);
    if (!size || *size < 0 || bytes_.size() < static_cast<std::size_t>(*size)) return std::nullopt;
    const auto name = bytes_.substr(0, static_cast<std::size_t>(*size));
    bytes_.remove_prefix(name.size());
    return name;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

// A version, which has changed nothing here yet; topics, each a name and its partitions; what the assignor
// adds.
std::vector<int> assigned_in(std::string_view assignment, std::string_view topic) {
  Bytes bytes(assignment);
  std::vector<int> partitions;
  if (!bytes.number(2)) return {};
  const auto topics = bytes.number(4);
  if (!topics) return {};
  for (std::int64_t i = 0; i < *topics; ++i) {
    const auto name = bytes.name();
    const auto count = name ? bytes.number(4) : std::nullopt;
    if (!count) return {};
    for (std::int64_t j = 0; j < *count; ++j) {
      const auto partition = bytes.number(4);
      if (!partition) return {};
      if (*name == topic) partitions.push_back(static_cast<int>(*partition));
    }
  }
  return partitions;
}

}  // namespace aftercall::bus
