#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// A parser's fuzz test is one file that defines these two, and one line in CMakeLists.txt.
namespace aftercall::fuzz {

struct Subject {
  std::vector<std::string> samples;  // what the parser is made for, and what it is attacked with
  std::vector<std::string> words;    // pieces that mean something to it
  std::size_t longest = 4096;        // bytes of an input
  int iterations = 20'000;           // of a quick run: a second or two
};
Subject subject();

// Throws (see require) when the parser breaks a promise; a crash is reported with its input, too.
void try_with(std::string_view input);

inline void require(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

}  // namespace aftercall::fuzz
