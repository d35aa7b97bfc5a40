#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace aftercall::wire {

// One thing that is wrong with a document from outside.
struct Wrong {
  std::string pointer;     // RFC 6901: where
  std::string rule;        // what must hold there; never the value, which may be anybody's personal data
  bool too_large = false;  // it is only more than we take
  bool operator==(const Wrong&) const = default;
};

// All of them, up to a bound: half a megabyte of unknown names is told as well by a thousand.
struct Wrongs {
  static constexpr std::size_t most = 1000;
  std::vector<Wrong> all;
  std::size_t left_out = 0;

  void add(Wrong wrong) {
    if (all.size() < most)
      all.push_back(std::move(wrong));
    else
      ++left_out;
  }
  bool empty() const { return all.empty(); }
};

}  // namespace aftercall::wire
