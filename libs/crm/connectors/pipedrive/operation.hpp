#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftercall::crm::pipedrive {

// One request to the API below a company's address, and what it costs.
struct Operation {
  std::string method = "GET";
  std::string path;        // "/api/v2/deals?…", everything percent-encoded
  std::string body{};      // JSON, one line; "" for none
  int tokens = 0;          // of the company's daily budget, as the vendor lists it
  bool search = false;     // the search endpoints have a limit of their own
  bool repeatable = true;  // sending it twice has the effect of once: all but creates
};

// An id as the API gives them: a positive number. Texts are compared as numbers, so that "07" is no other 7.
inline std::optional<std::int64_t> id_in(std::string_view text) {
  std::int64_t number = 0;
  constexpr std::size_t longest = 15;  // what JSON's readers take for a number without loss
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() > longest || error != std::errc() || end != text.data() + text.size() || number < 1)
    return std::nullopt;
  return number;
}

}  // namespace aftercall::crm::pipedrive
