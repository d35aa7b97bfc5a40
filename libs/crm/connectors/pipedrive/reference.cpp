#include "reference.hpp"

#include <array>
#include <cctype>

namespace aftercall::crm::pipedrive {
namespace {

constexpr std::string_view word = "Ref:";
constexpr std::array<std::string_view, 4> spaces{" ", "&nbsp;", "&#160;", "\xC2\xA0"};

bool take_space(std::string_view& rest) {
  for (const auto space : spaces) {
    if (!rest.starts_with(space)) continue;
    rest.remove_prefix(space.size());
    return true;
  }
  return false;
}

}  // namespace

std::string with_reference(std::string_view html, std::string_view key) {
  return std::string(html) + "<p>" + std::string(word) + " " + std::string(key) + "</p>";
}

// Ours is always the last: a text from outside may quote another note, its reference included.
bool bears_reference(std::string_view stored, std::string_view key) {
  const auto at = stored.rfind(word);
  if (key.empty() || at == std::string_view::npos) return false;
  auto rest = stored.substr(at + word.size());
  while (take_space(rest)) {
  }
  if (!rest.starts_with(key)) return false;
  rest.remove_prefix(key.size());
  return rest.empty() || std::isalnum(static_cast<unsigned char>(rest.front())) == 0;
}

}  // namespace aftercall::crm::pipedrive
