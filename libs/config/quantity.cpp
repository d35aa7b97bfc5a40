#include "config/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace aftercall::config {
namespace {

struct Split {
  double number;
  std::string_view unit;
};

std::optional<Split> split(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  std::string_view unit(after, static_cast<std::size_t>(end - after));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  return Split{number, unit};
}

template <std::size_t N>
std::optional<double> times(const Split& split,
                            const std::array<std::pair<std::string_view, double>, N>& units) {
  for (const auto& [name, factor] : units)
    if (name == split.unit) return split.number * factor;
  return std::nullopt;
}

constexpr double kibi = 1024;
constexpr std::array<std::pair<std::string_view, double>, 5> durations{
    {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}}};
constexpr std::array<std::pair<std::string_view, double>, 8> sizes{{{"", 1},
                                                                    {"B", 1},
                                                                    {"KiB", kibi},
                                                                    {"MiB", kibi* kibi},
                                                                    {"GiB", kibi* kibi* kibi},
                                                                    {"kB", 1e3},
                                                                    {"MB", 1e6},
                                                                    {"GB", 1e9}}};
// Beyond these nobody means it, and arithmetic on the value could overflow: a hundred years, a pebibyte.
constexpr double longest = 100 * 365.25 * 864e5;
constexpr double largest = 1024.0 * 1024 * 1024 * 1024 * 1024;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto found = times(*parts, durations);
  if (!found || *found > longest) return std::nullopt;
  return std::chrono::milliseconds(std::llround(*found));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto found = times(*parts, sizes);
  if (!found || *found > largest || *found != std::floor(*found)) return std::nullopt;
  return static_cast<std::uint64_t>(*found);
}

}  // namespace aftercall::config
