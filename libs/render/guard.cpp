#include "render/guard.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace aftercall::render {
namespace {

using Names = std::string_view;  // each name between blanks

constexpr Names empty_elements =
    " area base br col embed hr img input keygen link meta param source track wbr ";
// Their content is text up to their own end tag.
constexpr Names raw_elements = " script style textarea title xmp iframe noembed noframes ";
// The same bytes after one of these may be tags, or text, or close what is not theirs.
constexpr Names confusing_elements = " svg math select noscript plaintext frameset template ";
// Nobody writes their end tags, and a parser closes them by itself …
constexpr Names implied_ends = " p li td th tr tbody thead tfoot dd dt option ";
// … when one of these ends. (Not when a b or an a does: then they stay open, and the b is opened once more in
// them.)
constexpr Names containers = " div blockquote ul ol dl table thead tbody tfoot tr ";
constexpr Names closers_of_p = " div blockquote ul ol dl p h1 h2 h3 h4 h5 h6 ";

bool in(Names names, std::string_view name) {
  if (name.empty()) return false;
  for (auto at = names.find(name); at != Names::npos; at = names.find(name, at + 1))
    if (names[at - 1] == ' ' && names[at + name.size()] == ' ') return true;
  return false;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

bool no_more(const Load& load, const Load& most) {
  return load.open <= most.open && load.attributes <= most.attributes && load.tags <= most.tags &&
         load.nodes <= most.nodes;
}

class Scan {
 public:
  Scan(std::string_view html, const Load& most) : html_(html), most_(most) {}

  Load run() {
    while (at_ < html_.size() && load_.certain && within()) {
      const auto next = html_.find('<', at_);
      step_to(next == std::string_view::npos ? html_.size() : next);
      if (at_ < html_.size()) markup();
    }
    return load_;
  }

 private:
  bool within() const { return no_more(load_, most_); }

  void step_to(std::size_t position) {
    load_.steps += position - at_;
    at_ = position;
  }

  // Behind the next `text`, or at the end.
  void step_behind(std::string_view text) {
    const auto found = html_.find(text, at_);
    step_to(found == std::string_view::npos ? html_.size() : found + text.size());
  }

  char peek(std::size_t ahead) const { return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0'; }

  void markup() {
    if (is_letter(peek(1))) {
      step_to(at_ + 1);
      start_tag();
    } else if (peek(1) == '/' && is_letter(peek(2))) {
      step_to(at_ + 2);
      end_tag();
    } else if (html_.substr(at_).starts_with("<!--")) {
      comment();
    } else if (peek(1) == '!' || peek(1) == '?' || peek(1) == '/') {
      step_behind(">");  // a declaration, or what a parser takes for a comment
    } else {
      step_to(at_ + 1);
    }
  }

  // Ends at the first --> or --!>. The dashes of <!-- may serve the former: <!--> is whole.
  void comment() {
    const auto content = at_ + 4;
    step_to(at_ + 2);
    while (at_ < html_.size()) {
      if (html_.substr(at_).starts_with("-->")) return step_to(at_ + 3);
      if (at_ >= content && html_.substr(at_).starts_with("--!>")) return step_to(at_ + 4);
      step_to(at_ + 1);
    }
  }

  std::string name() {
    std::string text;
    while (at_ < html_.size() && !is_space(peek(0)) && peek(0) != '/' && peek(0) != '>') {
      const char c = peek(0);
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      step_to(at_ + 1);
    }
    return text;
  }

  void start_tag() {
    const std::string tag = name();
    count_tag();
    attributes(tag);
    if (in(confusing_elements, tag)) load_.certain = false;
    if (in(raw_elements, tag)) return raw_text(tag);
    if (in(empty_elements, tag)) return;
    close_implied_before(tag);
    open_.push_back(tag);
    load_.open = std::max(load_.open, open_.size());
  }

  void end_tag() {
    const std::string tag = name();
    count_tag();  // </p> alone makes an element, too
    attributes(tag);
    std::size_t top = open_.size();
    if (in(containers, tag))
      for (; top > 0 && open_[top - 1] != tag && in(implied_ends, open_[top - 1]); --top) ++load_.steps;
    // Whatever closes in another order stays counted: a parser may keep it open.
    if (top > 0 && open_[top - 1] == tag) open_.resize(top - 1);
  }

  void count_tag() {
    ++load_.tags;
    load_.nodes += 1 + open_.size();
  }

  void close_implied_before(std::string_view tag) {
    const auto top_is = [this](std::string_view names) { return !open_.empty() && in(names, open_.back()); };
    if (top_is(" p ") && in(closers_of_p, tag)) open_.pop_back();
    if (tag == "li" && top_is(" li ")) open_.pop_back();
    if ((tag == "dd" || tag == "dt") && top_is(" dd dt ")) open_.pop_back();
    if ((tag == "td" || tag == "th" || tag == "tr") && top_is(" td th ")) open_.pop_back();
    if (tag == "tr" && top_is(" tr ")) open_.pop_back();
  }

  void attributes(std::string_view tag) {
    std::size_t count = 0;
    // A parser gathers those of all html and all body tags in one element.
    std::size_t& mine = tag == "html" || tag == "body" ? root_attributes_ : count;
    while (at_ < html_.size() && peek(0) != '>') {
      if (is_space(peek(0)) || peek(0) == '/') {
        step_to(at_ + 1);
        continue;
      }
      load_.attributes = std::max(load_.attributes, ++mine);
      attribute();
    }
    if (at_ < html_.size()) step_to(at_ + 1);
  }

  void attribute() {
    step_to(at_ + 1);  // even a '=' begins a name
    while (at_ < html_.size() && !is_space(peek(0)) && peek(0) != '/' && peek(0) != '>' && peek(0) != '=')
      step_to(at_ + 1);
    skip_spaces();
    if (peek(0) != '=') return;
    step_to(at_ + 1);
    skip_spaces();
    const char quote = peek(0);
    if (quote == '"' || quote == '\'') {
      step_to(at_ + 1);
      step_behind(std::string_view(&quote, 1));
    } else {
      while (at_ < html_.size() && !is_space(peek(0)) && peek(0) != '>') step_to(at_ + 1);
    }
  }

  void skip_spaces() {
    while (at_ < html_.size() && is_space(peek(0))) step_to(at_ + 1);
  }

  void raw_text(std::string_view tag) {
    // A script may hide its own end tag behind <!--.
    const auto begin = at_;
    const auto ends_here = [&] {
      for (std::size_t i = 0; i < tag.size(); ++i)
        if ((peek(2 + i) | 0x20) != tag[i]) return false;
      const char behind = peek(2 + tag.size());
      return is_space(behind) || behind == '/' || behind == '>';
    };
    for (;;) {
      const auto next = html_.find("</", at_);
      step_to(next == std::string_view::npos ? html_.size() : next);
      if (at_ == html_.size() || ends_here()) break;
      step_to(at_ + 2);
    }
    if (tag == "script" && html_.substr(begin, at_ - begin).find("<!--") != std::string_view::npos)
      load_.certain = false;
  }

  std::string_view html_;
  const Load& most_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::size_t root_attributes_ = 0;
  Load load_;
};

}  // namespace

Load load_of(std::string_view html, const Load& most) { return Scan(html, most).run(); }

bool bearable(std::string_view html) {
  if (html.size() > largest_html) return false;
  const Load load = load_of(html);
  if (!load.certain) return html.size() <= largest_uncertain_html;
  return no_more(load, heaviest);
}

}  // namespace aftercall::render
