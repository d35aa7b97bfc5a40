#pragma once
#include <cstddef>
#include <string_view>

namespace aftercall::render {

// What an HTML parser will have to hold, counted in one pass over the bytes and never less than it is:
// gumbo's time grows with the square of the open elements (40,000: 8.8 s) and of the attributes in one tag.
struct Load {
  std::size_t open = 0;        // elements open at a time
  std::size_t attributes = 0;  // in one tag
  std::size_t tags = 0;        // in all
  std::size_t nodes = 0;       // at most: each tag may open anew all that is open (<b> over the end of a <p>)
  std::size_t steps = 0;       // what counting took: a few per byte
  // False: the text holds an element that changes how the rest is read (svg, select, …). Counting stopped
  // there.
  bool certain = true;
};

inline constexpr Load heaviest{.open = 100, .attributes = 100, .tags = 10'000, .nodes = 300'000};
inline constexpr std::size_t largest_html = std::size_t{256} * 1024;
// So short that the worst that can be in it takes 50 ms.
inline constexpr std::size_t largest_uncertain_html = std::size_t{8} * 1024;

// Stops as soon as a count is beyond `most`.
Load load_of(std::string_view html, const Load& most = heaviest);

bool bearable(std::string_view html);

}  // namespace aftercall::render
