#include "http/message.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace aftercall::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Tue, 03 Feb 2026 09:00:00 GMT
std::optional<Instant> parse_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto number = month / 3 + 1;
  std::string rfc3339(text.substr(12, 4));
  rfc3339 += number < 10 ? "-0" : "-";
  rfc3339 += std::to_string(number) + "-" + std::string(text.substr(5, 2)) + "T" +
             std::string(text.substr(17, 8)) + "Z";
  return parse_rfc3339(rfc3339);
}

// RFC 9110 §10.2.3 lets it be seconds or a date; the latter is read by the clock of whoever wrote it.
std::optional<std::int64_t> seconds_to_wait(std::string_view field, const Headers& headers) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (error == std::errc() && end == field.data() + field.size()) return seconds;
  const auto until = parse_date(field);
  const auto now = date_of(headers);
  if (!until || !now) return std::nullopt;
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(*until - *now).count());
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [candidate, value] : fields_)
    if (same_name(candidate, name)) return value;
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(begin(), end(), [&](const Field& field) { return same_name(field.first, name); }));
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
}

std::optional<Instant> date_of(const Headers& headers) {
  const auto field = headers.find("Date");
  return field ? parse_date(*field) : std::nullopt;
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& headers) {
  const auto field = headers.find("Retry-After");
  if (!field) return std::nullopt;
  const auto seconds = seconds_to_wait(*field, headers);
  if (!seconds || *seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min<std::int64_t>(*seconds, 86'400));
}

std::string media_type(const Headers& headers) {
  std::string_view type = headers.find("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  const auto first = type.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  type = type.substr(first, type.find_last_not_of(" \t") + 1 - first);
  std::string result(type);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

}  // namespace aftercall::http
