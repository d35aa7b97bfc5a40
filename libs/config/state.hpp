#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <toml++/toml.h>

#include "config/tree.hpp"

// Of config/ alone: the parsed text, what was read of it and what was wrong.
namespace aftercall::config {

using Wrongs = std::set<std::tuple<int, std::string>>;  // sorted by line; a key read twice is wrong once

struct State {
  toml::table parsed;
  std::string file_name;
  Wrongs wrongs;
  // Per table: the keys that a reader asked for, whether they were there or not. What is there and was not
  // asked for is unknown; what was asked for is what may be suggested instead.
  std::map<const toml::table*, std::set<std::string, std::less<>>> asked;

  void note(int line, std::string what) { wrongs.emplace(line, std::move(what)); }
};

int line_of(const toml::node& node);
int line_of(const toml::key& key);

// Notes each key in and below `table` that nobody asked for, but nothing inside an unknown one.
void note_unknown(const State& state, const toml::table& table, const std::string& path, Wrongs& into);
// The known word that was probably meant, or nothing.
std::optional<std::string> nearest(std::string_view word, const std::set<std::string, std::less<>>& known);

}  // namespace aftercall::config
