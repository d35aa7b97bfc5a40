#include "identity/mask.hpp"

#include "domain/utf8.hpp"

namespace aftercall::identity {
namespace {

constexpr std::string_view stars = "***";  // always three: the length would tell more than it helps
constexpr std::size_t shown_front = 3;
constexpr std::size_t shown_back = 2;
constexpr std::size_t shortest_shown = 9;  // what is shorter would show more than it hides

bool is_e164(std::string_view text) {
  return text.starts_with('+') && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

std::string masked(std::string_view email_or_phone) {
  const auto at = email_or_phone.rfind('@');
  if (at != std::string_view::npos && at > 0) {
    const auto first = first_code_point(email_or_phone);
    if (!first.valid || first.bytes >= at) return std::string(stars).append(email_or_phone.substr(at));
    return std::string(email_or_phone.substr(0, first.bytes)).append(stars).append(email_or_phone.substr(at));
  }
  if (!is_e164(email_or_phone) || email_or_phone.size() < shortest_shown) return std::string(stars);
  return std::string(email_or_phone.substr(0, shown_front))
      .append(stars)
      .append(email_or_phone.substr(email_or_phone.size() - shown_back));
}

}  // namespace aftercall::identity
