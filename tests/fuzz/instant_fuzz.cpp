#include "domain/instant.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace aftercall::fuzz {

Subject subject() {
  return {.samples = {"2026-02-03T09:00:00Z", "2026-12-31T23:59:60.999999999+23:59",
                      "0000-01-01T00:00:00.5-00:00", "9999-12-31T23:59:59z"},
          .words = {"T", "Z", "+", "-", ":", ".", "00", "60", "99", "-02-30"},
          .longest = 64,
          .iterations = 200'000};
}

void try_with(std::string_view input) {
  const auto at = parse_rfc3339(input);
  if (!at) return;
  const std::string written = rfc3339(*at);
  const auto again = parse_rfc3339(written);
  // Offsets may move the first and last hours of the calendar out of the years that RFC 3339 can write.
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*at)).year();
  if (year < std::chrono::year(0) || year > std::chrono::year(9999)) return;
  require(again.has_value(), "what we write can be read");
  require(*again == *at, "what is written and read again is the same moment");
}

}  // namespace aftercall::fuzz
