#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "domain/failure.hpp"

namespace aftercall::identity {

// As E.164 ("+46701234567"), or why not (Malformed; the reason never repeats the number). `region` (ISO 3166
// alpha-2, may be empty) says how to read a number without country code. Extensions are dropped: a CRM's
// search ignores them.
Result<std::string> to_e164(std::string_view text, std::string_view region);

// Whether a CRM's free text holds this number, in whatever notation and beside whatever else.
bool same_number(std::string_view text, std::string_view e164, std::string_view region);

// How a CRM's free text may hold a number. What either finds is a candidate: same_number() decides.
struct PhoneSearch {
  std::vector<std::string> exact;  // notations, distinct, the likeliest first
  std::string digits;              // the last 7 to 9 digits, in this order, whatever stands between them
  std::string national;            // all digits but the country's code: what most notations have in one piece
};
PhoneSearch search_for(std::string_view e164, std::string_view region);

// "701234567" as "7%0%1%2%3%4%5%6%7": what Dataverse's contains() takes, '%' standing for anything.
std::string like_pattern(std::string_view digits);

bool known_region(std::string_view region);

}  // namespace aftercall::identity
