#include "domain/instant.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace aftercall {
namespace {

// Reads exactly `width` digits at the front of `rest`.
std::optional<int> digits(std::string_view& rest, std::size_t width) {
  int value = 0;
  if (rest.size() < width) return std::nullopt;
  for (std::size_t i = 0; i < width; ++i) {
    if (rest[i] < '0' || rest[i] > '9') return std::nullopt;
    value = value * 10 + (rest[i] - '0');
  }
  rest.remove_prefix(width);
  return value;
}

bool skip(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> date(std::string_view& rest) {
  const auto year = digits(rest, 4);
  if (!year || !skip(rest, '-')) return std::nullopt;
  const auto month = digits(rest, 2);
  if (!month || !skip(rest, '-')) return std::nullopt;
  const auto day = digits(rest, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day calendar{std::chrono::year{*year},
                                             std::chrono::month(static_cast<unsigned>(*month)),
                                             std::chrono::day(static_cast<unsigned>(*day))};
  if (!calendar.ok()) return std::nullopt;
  return std::chrono::sys_days(calendar);
}

std::optional<std::chrono::milliseconds> time_of_day(std::string_view& rest) {
  const auto hour = digits(rest, 2);
  if (!hour || *hour > 23 || !skip(rest, ':')) return std::nullopt;
  const auto minute = digits(rest, 2);
  if (!minute || *minute > 59 || !skip(rest, ':')) return std::nullopt;
  const auto second = digits(rest, 2);
  if (!second || *second > 60) return std::nullopt;  // 60: a leap second
  std::chrono::milliseconds time =
      std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  if (!skip(rest, '.')) return time;
  int scale = 100;
  std::size_t count = 0;
  for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
       rest.remove_prefix(1), ++count, scale /= 10)
    time += std::chrono::milliseconds((rest.front() - '0') * scale);
  if (count == 0) return std::nullopt;
  return time;
}

std::optional<std::chrono::minutes> offset(std::string_view& rest) {
  if (skip(rest, 'Z') || skip(rest, 'z')) return std::chrono::minutes(0);
  const bool east = skip(rest, '+');
  if (!east && !skip(rest, '-')) return std::nullopt;
  const auto hour = digits(rest, 2);
  if (!hour || *hour > 23 || !skip(rest, ':')) return std::nullopt;
  const auto minute = digits(rest, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::chrono::minutes amount = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return east ? amount : -amount;
}

}  // namespace

std::string rfc3339(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day calendar(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::array<char, 64> text{};
  const auto millis = static_cast<int>(time.subseconds().count());
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                    static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()),
                    static_cast<unsigned>(calendar.day()), static_cast<int>(time.hours().count()),
                    static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  std::string out(text.data(), static_cast<std::size_t>(length));
  if (millis != 0) {
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03d", millis);
    out += fraction.data();
  }
  return out + "Z";
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  const auto day = date(text);
  if (!day || (!skip(text, 'T') && !skip(text, 't'))) return std::nullopt;
  const auto time = time_of_day(text);
  if (!time) return std::nullopt;
  const auto shift = offset(text);
  if (!shift || !text.empty()) return std::nullopt;
  return Instant(std::chrono::time_point_cast<std::chrono::milliseconds>(*day) + *time - *shift);
}

}  // namespace aftercall
