#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace aftercall::render {

// Every element that may stand in what we write, in the order of `tags`. The only attribute is a's href.
enum class Tag {
  Div,
  P,
  Br,
  H2,
  H3,
  H4,
  B,
  Strong,
  I,
  Em,
  U,
  Ul,
  Ol,
  Li,
  A,
  Blockquote,
  Table,
  Thead,
  Tbody,
  Tr,
  Th,
  Td,
  Span
};

struct TagForm {
  std::string_view name;
  bool block;  // ends a line: a good place to cut behind
};
inline constexpr std::array<TagForm, 23> tags{{
    {"div", true},   {"p", true},       {"br", false}, {"h2", true},         {"h3", true},    {"h4", true},
    {"b", false},    {"strong", false}, {"i", false},  {"em", false},        {"u", false},    {"ul", true},
    {"ol", true},    {"li", true},      {"a", false},  {"blockquote", true}, {"table", true}, {"thead", true},
    {"tbody", true}, {"tr", true},      {"th", false}, {"td", false},        {"span", false},
}};

constexpr std::string_view name_of(Tag tag) { return tags[static_cast<std::size_t>(tag)].name; }
constexpr bool is_block(Tag tag) { return tags[static_cast<std::size_t>(tag)].block; }
std::optional<Tag> tag_named(std::string_view name);

}  // namespace aftercall::render
