#include "render/text.hpp"

#include <algorithm>

#include "domain/utf8.hpp"

namespace aftercall::render {
namespace {

constexpr char32_t joiner = 0x200D;
constexpr std::string_view ellipsis = "…";

bool is_control(char32_t value) {
  return (value < 0x20 && value != '\t' && value != '\n') || (value >= 0x7F && value <= 0x9F) ||
         value == 0xFFFE || value == 0xFFFF;
}

// Most text is ASCII, and most of that is taken as it is: these bytes are copied as they come, not decoded
// one by one.
std::size_t plain_prefix(std::string_view text) {
  const auto* const end = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte >= 0x7F;
  });
  return static_cast<std::size_t>(end - text.begin());
}

bool is_blank(char32_t value) {
  return value == ' ' || value == '\t' || value == '\n' || value == 0xA0 || value == 0x3000;
}

// Flags are pairs of these. Where a row of them is cut apart cannot be seen from one pair alone, so none is.
bool is_flag_half(char32_t value) { return value >= 0x1F1E6 && value <= 0x1F1FF; }

bool one_character(char32_t before, char32_t value) {
  return extends_character(value) || before == joiner || (is_flag_half(before) && is_flag_half(value));
}

// The last places, within `budget` units, between two characters and behind a word; in bytes.
struct Ends {
  std::size_t character = 0;
  std::size_t word = 0;
  std::size_t word_units = 0;
};

Ends last_ends(std::string_view text, std::size_t budget) {
  Ends ends;
  char32_t before = 0;
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size() && units <= budget;) {
    const auto next = first_code_point(text.substr(at));
    if (!one_character(before, next.value)) {
      ends.character = at;
      if (is_blank(next.value) && !is_blank(before)) ends.word = at, ends.word_units = units;
    }
    units += next.value > 0xFFFF ? 2 : 1;
    at += next.bytes;
    before = next.value;
  }
  return ends;
}

}  // namespace

bool extends_character(char32_t value) {
  return (value >= 0x300 && value <= 0x36F) || (value >= 0x1AB0 && value <= 0x1AFF) ||
         (value >= 0x1DC0 && value <= 0x1DFF) || (value >= 0x20D0 && value <= 0x20FF) ||
         (value >= 0x3099 && value <= 0x309A) || (value >= 0xFE00 && value <= 0xFE0F) ||
         (value >= 0xFE20 && value <= 0xFE2F) || (value >= 0x1F3FB && value <= 0x1F3FF) ||
         (value >= 0xE0020 && value <= 0xE007F) || value == joiner;
}

std::string cleaned(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto plain = plain_prefix(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto next = first_code_point(text);
    text.remove_prefix(next.bytes);
    if (next.value == '\r') {
      if (!text.starts_with('\n')) out += '\n';
    } else if (!is_control(next.value)) {
      append_utf8(out, next.value);
    }
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  // find_first_of() would look each letter up among these.
  const auto marks = [](char c) { return c == '&' || c == '<' || c == '>' || c == '"'; };
  const auto next = [&] {
    return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), marks) - text.begin());
  };
  for (auto at = next(); at != text.size(); at = next()) {
    out.append(text, 0, at);
    switch (text[at]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += "&quot;";
    }
    text.remove_prefix(at + 1);
  }
  out += text;
}

bool blank(std::string_view text) {
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (!is_blank(next.value) && !is_control(next.value)) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::string one_line(std::string_view text) {
  std::string out;
  bool gap = false;
  const std::string clean = cleaned(text);
  for (std::string_view rest = clean; !rest.empty();) {
    const auto next = first_code_point(rest);
    rest.remove_prefix(next.bytes);
    if (is_blank(next.value)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    append_utf8(out, next.value);
  }
  return out;
}

std::string cut_text(std::string_view text, std::size_t limit) {
  if (utf16_length(text) <= limit) return std::string(text);
  if (limit == 0) return "";
  const Ends ends = last_ends(text, limit - utf16_length(ellipsis));
  // A word's end in the last third is near enough; scripts without blanks are cut between characters.
  std::string_view kept = text.substr(0, ends.word_units * 3 >= limit * 2 ? ends.word : ends.character);
  while (!kept.empty() && (kept.back() == ' ' || kept.back() == '\n' || kept.back() == '\t'))
    kept.remove_suffix(1);
  return std::string(kept).append(ellipsis);
}

}  // namespace aftercall::render
