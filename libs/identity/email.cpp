#include "identity/email.hpp"

#include <algorithm>
#include <array>

#include "domain/utf8.hpp"

namespace aftercall::identity {
namespace {

constexpr std::size_t longest = 100;  // UTF-16 units: Dataverse's emailaddress1; no CRM we serve finds more
constexpr std::size_t longest_local = 64;  // bytes (RFC 5321, 4.5.3.1)
constexpr std::size_t longest_label = 63;

// What pasting leaves around an address: blanks, no-break and zero-width spaces, a byte order mark.
std::string_view trimmed(std::string_view text) {
  constexpr std::array<std::string_view, 9> around = {" ",  "\t",     "\r",     "\n",    "\f",
                                                      "\v", "\u00A0", "\u200B", "\uFEFF"};
  const auto at_front = [&](std::string_view blank) { return text.starts_with(blank); };
  const auto at_back = [&](std::string_view blank) { return text.ends_with(blank); };
  for (const auto* blank = std::find_if(around.begin(), around.end(), at_front); blank != around.end();
       blank = std::find_if(around.begin(), around.end(), at_front))
    text.remove_prefix(blank->size());
  for (const auto* blank = std::find_if(around.begin(), around.end(), at_back); blank != around.end();
       blank = std::find_if(around.begin(), around.end(), at_back))
    text.remove_suffix(blank->size());
  return text;
}

// Quoted local parts, comments and address lists all need one of these; no CRM finds a person by one.
bool stray(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x200B || c == 0xFEFF || c == 0xFFFD ||
         (c < 0x7F && std::string_view("\"(),:;<>[\\]").find(static_cast<char>(c)) != std::string_view::npos);
}

bool has_stray(std::string_view text) {
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (!next.valid || stray(next.value)) return true;
    text.remove_prefix(next.bytes);
  }
  return false;
}

bool is_label(std::string_view label) {
  const auto fits = [](char c) {
    return c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), fits);
}

bool is_domain(std::string_view domain) {
  std::size_t labels = 0;
  for (;; ++labels) {
    const auto dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return labels > 0;  // a bare host name is nobody's address in a CRM
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<std::string> normalise_email(std::string_view text) {
  std::string email(trimmed(text));
  if (email.empty()) return fail(Cause::Malformed, "no e-mail address");
  if (email.size() > 4 * longest || utf16_length(email) > longest)
    return fail(Cause::Malformed, "e-mail address longer than 100 characters");
  if (has_stray(email))
    return fail(Cause::Malformed, "e-mail address holds a character that cannot stand in one");
  for (char& c : email)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto at = email.find('@');
  if (at == std::string::npos) return fail(Cause::Malformed, "e-mail address without @");
  if (email.find('@', at + 1) != std::string::npos)
    return fail(Cause::Malformed, "e-mail address with several @");
  // Dots may stand anywhere: a large Japanese carrier gave out addresses with two in a row, or one before the
  // @.
  if (at == 0 || at > longest_local)
    return fail(Cause::Malformed, "e-mail address without a name of 1 to 64 bytes");
  if (!is_domain(std::string_view(email).substr(at + 1)))
    return fail(Cause::Malformed, "e-mail address without a valid domain");
  return email;
}

std::string_view domain_of(std::string_view email) {
  const auto at = email.rfind('@');
  return at == std::string_view::npos ? std::string_view() : email.substr(at + 1);
}

}  // namespace aftercall::identity
