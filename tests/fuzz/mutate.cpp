#include "tests/fuzz/mutate.hpp"

#include <algorithm>

namespace aftercall::fuzz {
namespace {

std::size_t below(std::mt19937_64& random, std::size_t bound) { return bound == 0 ? 0 : random() % bound; }

const std::string& any_of(const std::vector<std::string>& texts, std::mt19937_64& random) {
  return texts[below(random, texts.size())];
}

std::string piece_of(const std::string& text, std::mt19937_64& random) {
  const auto begin = below(random, text.size() + 1);
  return text.substr(begin, 1 + below(random, 64));
}

void change(std::string& text, const Subject& subject, std::mt19937_64& random) {
  const auto at = below(random, text.size() + 1);
  switch (random() % 8) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << (random() % 8)));
      break;
    case 1:
      text.insert(at, 1, static_cast<char>(random() % 256));
      break;
    case 2:
    case 3:
      if (!subject.words.empty()) text.insert(at, any_of(subject.words, random));
      break;
    case 4:
      text.erase(at, 1 + below(random, 16));
      break;
    case 5:
      text.insert(at, piece_of(any_of(subject.samples, random), random));
      break;
    case 6: {
      const std::string piece = piece_of(text, random);
      const auto times = below(random, random() % 16 == 0 ? 1000 : 6);
      std::string repeated;
      for (std::size_t i = 0; i < times && repeated.size() < subject.longest; ++i) repeated += piece;
      text.insert(at, repeated);
      break;
    }
    default:
      text.resize(at);
  }
}

}  // namespace

std::string mutated(const Subject& subject, std::mt19937_64& random) {
  std::string text = any_of(subject.samples, random);
  const auto changes = 1 + random() % 8;
  for (std::size_t i = 0; i < changes; ++i) change(text, subject, random);
  text.resize(std::min(text.size(), subject.longest));
  return text;
}

}  // namespace aftercall::fuzz
