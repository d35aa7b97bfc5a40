#include "render/cut.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "domain/utf8.hpp"
#include "render/html.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

// One step through our own HTML: a tag, an entity or a character.
struct Token {
  enum class Kind { Open, Close, Break, Text };
  Kind kind = Kind::Text;
  Tag tag = Tag::Span;
  char32_t value = 0;  // of a character; '&' for any entity
  std::size_t bytes = 0;
  std::size_t units = 0;
};

std::optional<Token> tag_at(std::string_view html) {
  constexpr std::size_t longest_tag = 12'000;  // a link of 2,000 bytes, each of them escaped
  const auto end = html.substr(0, longest_tag).find('>');
  if (end == std::string_view::npos) return std::nullopt;
  const bool closes = html.size() > 1 && html[1] == '/';
  const auto inside = html.substr(closes ? 2 : 1, end - (closes ? 2 : 1));
  const auto tag = tag_named(inside.substr(0, inside.find(' ')));
  if (!tag) return std::nullopt;
  Token token{.kind = closes ? Token::Kind::Close : Token::Kind::Open, .tag = *tag, .bytes = end + 1};
  if (*tag == Tag::Br) token.kind = Token::Kind::Break;
  token.units = utf16_length(html.substr(0, token.bytes));
  return token;
}

std::optional<Token> entity_at(std::string_view html) {
  constexpr std::array<std::string_view, 4> ours{"&amp;", "&lt;", "&gt;", "&quot;"};
  for (const auto entity : ours)
    if (html.starts_with(entity)) return Token{.value = '&', .bytes = entity.size(), .units = entity.size()};
  return std::nullopt;
}

Token token_at(std::string_view html) {
  if (html.front() == '<')
    if (const auto token = tag_at(html)) return *token;
  if (html.front() == '&')
    if (const auto token = entity_at(html)) return *token;
  const auto next = first_code_point(html);
  return {.value = next.value, .bytes = next.bytes, .units = next.value > 0xFFFF ? std::size_t{2} : 1};
}

// The elements that are open, and what closing them takes.
class Open {
 public:
  void pass(const Token& token) {
    if (token.kind == Token::Kind::Open) {
      tags_.push_back(token.tag);
      closing_ += closing(token.tag);
    } else if (token.kind == Token::Kind::Close && !tags_.empty() && tags_.back() == token.tag) {
      tags_.pop_back();
      closing_ -= closing(token.tag);
    }
  }
  std::size_t closing_units() const { return closing_; }
  std::string closing_tags() const {
    std::string text;
    for (std::size_t i = tags_.size(); i > 0; --i)
      text.append("</").append(name_of(tags_[i - 1])).append(">");
    return text;
  }

 private:
  static std::size_t closing(Tag tag) { return name_of(tag).size() + 3; }
  std::vector<Tag> tags_;
  std::size_t closing_ = 0;
};

enum Rank : std::size_t { Element, Sentence, Word, Character };

bool is_blank(char32_t value) { return value == ' ' || value == '\n' || value == '\t' || value == 0xA0; }
bool ends_sentence(char32_t value) { return value == '.' || value == '!' || value == '?'; }
bool ends_wide_sentence(char32_t value) { return value == 0x3002 || value == 0xFF01 || value == 0xFF1F; }

bool between_elements(const Token& before, const Token& after) {
  using K = Token::Kind;
  if (before.kind == K::Close && is_block(before.tag)) return true;
  const bool behind_content = before.kind == K::Close || (before.kind == K::Text && !is_blank(before.value));
  const bool block_ahead = after.kind == K::Break || (after.kind != K::Text && is_block(after.tag));
  return behind_content && block_ahead;
}

// What a cut between two tokens would cut; nothing where there must be none (in a character, or where it
// would leave an element without content).
std::optional<Rank> rank_between(const Token& before, const Token& after) {
  if (between_elements(before, after)) return Element;
  if (before.kind != Token::Kind::Text || after.kind != Token::Kind::Text) return std::nullopt;
  if (extends_character(after.value) || before.value == 0x200D) return std::nullopt;
  if (ends_wide_sentence(before.value) || (ends_sentence(before.value) && is_blank(after.value)))
    return Sentence;
  return is_blank(after.value) ? Word : Character;
}

struct Place {
  std::size_t bytes = 0;
  std::size_t units = 0;  // with what closing costs there
};

// The last place of each rank whose text, closed, takes at most `budget`.
std::array<Place, 4> last_places(std::string_view html, std::size_t budget, Measure measure) {
  std::array<Place, 4> places{};
  Open open;
  Token before{.kind = Token::Kind::Break};
  std::size_t units = 0;
  for (std::size_t at = 0; at < html.size() && units <= budget;) {
    const Token token = token_at(html.substr(at));
    if (const auto rank = rank_between(before, token); rank && units + open.closing_units() <= budget)
      places[*rank] = {at, units + open.closing_units()};
    open.pass(token);
    units += measure == Measure::Bytes ? token.bytes : token.units;
    at += token.bytes;
    before = token;
  }
  return places;
}

// A whole element is worth half of what could be kept, a whole sentence a third, a whole word a quarter.
Place best_of(const std::array<Place, 4>& places, std::size_t budget) {
  for (const Rank rank : {Element, Sentence, Word})
    if (places[rank].bytes > 0 && places[rank].units * (rank + 2) >= budget) return places[rank];
  return *std::max_element(places.begin(), places.end(),
                           [](const Place& a, const Place& b) { return a.bytes < b.bytes; });
}

std::string closed(std::string_view html) {
  Open open;
  for (std::string_view rest = html; !rest.empty();) {
    const Token token = token_at(rest);
    open.pass(token);
    rest.remove_prefix(token.bytes);
  }
  return std::string(html) + open.closing_tags();
}

std::array<std::string, 3> endings(std::string_view link) {
  const Html said = Html::text("… shortened");
  const Html pointer = Html::text(": ") + Html::link(link, Html::text("read it all"));
  const bool linked = safe_link(link).has_value();
  return {Html::element(Tag::P, linked ? said + pointer : said).str(), Html::element(Tag::P, said).str(),
          "…"};
}

}  // namespace

std::string cut(std::string_view html, std::size_t limit, std::string_view link, Measure measure) {
  if (length_in(measure, html) <= limit) return std::string(html);
  const auto all = endings(link);
  for (const auto& ending : all) {
    if (!html.ends_with(ending)) continue;
    html.remove_suffix(ending.size());
    break;
  }
  const auto* const ending = std::find_if(
      all.begin(), all.end(), [&](const std::string& text) { return length_in(measure, text) <= limit; });
  if (ending == all.end()) return "";
  const std::size_t budget = limit - length_in(measure, *ending);
  return closed(html.substr(0, best_of(last_places(html, budget, measure), budget).bytes)) + *ending;
}

}  // namespace aftercall::render
