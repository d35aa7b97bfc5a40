#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftercall {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
};

// RFC 4122 version 5: the same namespace and name give the same UUID, everywhere and always.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

std::string to_string(const Uuid& uuid);                // lower case, 8-4-4-4-12
std::optional<Uuid> parse_uuid(std::string_view text);  // either case; nothing for any other form

}  // namespace aftercall
