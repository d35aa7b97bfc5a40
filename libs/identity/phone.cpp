#include "identity/phone.hpp"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumbermatch.h>
#include <phonenumbers/phonenumbermatcher.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <optional>

namespace aftercall::identity {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberMatch;
using i18n::phonenumbers::PhoneNumberMatcher;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr std::size_t longest_text = 250;  // libphonenumber's own bound
constexpr std::size_t fewest_digits = 7;   // emergency and short numbers belong to nobody
constexpr std::size_t searched_digits = 9;

const PhoneNumberUtil& numbers() {
  static const PhoneNumberUtil& instance = []() -> const PhoneNumberUtil& {
    auto* util = PhoneNumberUtil::GetInstance();
    util->SetLogger(
        new i18n::phonenumbers::NullLogger);  // it owns it; the default one prints numbers to stdout
    return *util;
  }();
  return instance;
}

std::string formatted(const PhoneNumber& number, PhoneNumberUtil::PhoneNumberFormat format) {
  std::string text;
  numbers().Format(number, format, &text);
  return text;
}

std::string only_digits(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

std::optional<PhoneNumber> read(std::string_view text, std::string_view region) {
  PhoneNumber number;
  const std::string home(region.empty() ? "ZZ" : region);
  if (numbers().Parse(std::string(text), home, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
    return std::nullopt;
  return number;
}

bool same_read_at_once(std::string_view text, std::string_view e164, std::string_view region) {
  const auto number = read(text, region);
  return number && formatted(*number, PhoneNumberUtil::E164) == e164;
}

}  // namespace

Result<std::string> to_e164(std::string_view text, std::string_view region) {
  if (text.empty()) return fail(Cause::Malformed, "no phone number");
  if (text.size() > longest_text) return fail(Cause::Malformed, "phone number longer than 250 bytes");
  const auto number = read(text, region);
  if (!number) return fail(Cause::Malformed, "phone number that cannot be read in the tenant's region");
  // Possible, not valid: which ranges a country has handed out changes faster than the library that knows it.
  if (!numbers().IsPossibleNumber(*number))
    return fail(Cause::Malformed, "phone number too short or too long");
  std::string e164 = formatted(*number, PhoneNumberUtil::E164);
  if (e164.size() < fewest_digits + 1) return fail(Cause::Malformed, "phone number with fewer than 7 digits");
  // Digits typed at random can make a number that reads differently once it is written: it would be found by
  // nobody.
  if (!same_read_at_once(e164, e164, ""))
    return fail(Cause::Malformed, "phone number that no country hands out");
  return e164;
}

bool same_number(std::string_view text, std::string_view e164, std::string_view region) {
  if (text.size() > longest_text || e164.empty()) return false;
  if (same_read_at_once(text, e164, region)) return true;
  constexpr int tries = 10;
  PhoneNumberMatcher matcher(numbers(), std::string(text), std::string(region.empty() ? "ZZ" : region),
                             PhoneNumberMatcher::POSSIBLE, tries);
  PhoneNumberMatch match;
  while (matcher.HasNext() && matcher.Next(&match))
    if (formatted(match.number(), PhoneNumberUtil::E164) == e164) return true;
  return false;
}

PhoneSearch search_for(std::string_view e164, std::string_view region) {
  PhoneSearch search;
  const auto number = read(e164, "");
  const std::string all = only_digits(e164);
  if (!number || all.size() < fewest_digits) return search;
  const auto add = [&search](std::string text) {
    if (std::find(search.exact.begin(), search.exact.end(), text) == search.exact.end())
      search.exact.push_back(std::move(text));
  };
  std::string significant;
  numbers().GetNationalSignificantNumber(*number, &significant);
  add(std::string(e164));
  add(formatted(*number, PhoneNumberUtil::INTERNATIONAL));
  if (numbers().GetCountryCodeForRegion(std::string(region)) == number->country_code()) {
    const std::string national = formatted(*number, PhoneNumberUtil::NATIONAL);
    add(national);
    add(only_digits(national));
    if (significant.size() >= fewest_digits) add(significant);
  }
  add("00" + all);
  add(all);
  add("tel:" + std::string(e164));
  add(formatted(*number, PhoneNumberUtil::RFC3966));
  search.national = significant.size() >= fewest_digits ? significant : all;
  const std::string& tail = significant.size() >= fewest_digits ? significant : all;
  search.digits = tail.size() > searched_digits ? tail.substr(tail.size() - searched_digits) : tail;
  return search;
}

std::string like_pattern(std::string_view digits) {
  std::string pattern;
  for (const char digit : digits) {
    if (!pattern.empty()) pattern += '%';
    pattern += digit;
  }
  return pattern;
}

bool known_region(std::string_view region) {
  return numbers().GetCountryCodeForRegion(std::string(region)) != 0;
}

}  // namespace aftercall::identity
