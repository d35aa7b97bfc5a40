#include <algorithm>
#include <numeric>

#include "config/state.hpp"

namespace aftercall::config {
namespace {

// Levenshtein's distance; keys are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

void note_unknown_below(const State& state, const toml::node& node, const std::string& path, Wrongs& into) {
  if (const auto* table = node.as_table()) {
    note_unknown(state, *table, path, into);
  } else if (const auto* array = node.as_array()) {
    for (const auto& each : *array)
      if (const auto* element = each.as_table()) note_unknown(state, *element, path, into);
  }
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::set<std::string, std::less<>>& known) {
  constexpr std::size_t longest_key = 64;  // a longer one is no slip of the finger
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  if (word.size() > longest_key) return best;
  for (const auto& candidate : known) {
    const auto far = distance(word, candidate);
    if (far == 0 || far >= best_distance) continue;
    best = candidate;
    best_distance = far;
  }
  return best;
}

void note_unknown(const State& state, const toml::table& table, const std::string& path, Wrongs& into) {
  const auto asked = state.asked.find(&table);
  // A table that nobody opened was a value to somebody (a map, a secret's source); its own key is judged
  // above.
  if (asked == state.asked.end()) return;
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    std::string full = path;
    if (!path.empty()) full += '.';
    full += name;
    if (asked->second.contains(name)) {
      note_unknown_below(state, value, full, into);
      continue;
    }
    const auto meant = nearest(name, asked->second);
    const std::string kind = value.is_table() || value.is_array_of_tables() ? "section [" + full + "]" : full;
    into.emplace(line_of(key), "unknown " + kind + (meant ? "; did you mean " + *meant + "?" : ""));
  }
}

}  // namespace aftercall::config
