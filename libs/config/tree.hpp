#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/secret.hpp"

// Settings as TOML, read key by key. A reader never stops at the first mistake: wrong values, missing keys
// and keys that nobody read are collected with their lines, and finish() tells all of them at once.
//
//   config::Table kafka = tree.root().table("kafka");
//   kafka.require("brokers", config.brokers);     // must be there
//   kafka.read("linger", config.linger);          // keeps its default when it is not: "5ms", "2 h"
//   kafka.read_bytes("memory", config.memory);    // "8MiB"
//   ...
//   if (auto right = tree.finish(); !right) return tl::unexpected(right.error());
namespace aftercall::config {

struct State;  // the parsed text and what was found wrong with it

class Table {
 public:
  // Each answers whether `into` was set. A wrong value is noted and leaves `into` as it was.
  template <class T>
  bool read(std::string_view key, T& into);
  template <class T>
  bool require(std::string_view key, T& into);  // a missing key is an error, too

  // "512KiB", "8MiB", "1GB" or a plain number of bytes.
  bool read_bytes(std::string_view key, std::size_t& into);
  // One of a few words.
  template <class E>
  bool read_one_of(std::string_view key, E& into,
                   std::initializer_list<std::pair<std::string_view, E>> words);

  // An absent table reads as an empty one. A key that is there and no table (no array of tables) is an error.
  Table table(std::string_view key);
  std::vector<Table> tables(std::string_view key);                    // [[key]]
  std::map<std::string, Table> tables_by_name(std::string_view key);  // [key.anna], [key.ben]

  bool has(std::string_view key) const;  // is no reading of it
  explicit operator bool() const { return node_ != nullptr; }
  std::vector<std::string> keys() const;
  void leave(std::string_view key);  // it is another reader's: neither unknown nor looked into
  int line() const;

  // A rule of the caller's own was broken: noted with the key's line ("" for the table's).
  void wrong(std::string_view key, std::string what);

 private:
  friend class Tree;
  struct Integer {
    std::int64_t least, most;
  };
  template <class T>
  static constexpr Integer range_of();
  Table(std::shared_ptr<State> state, const void* node, std::string path)
      : state_(std::move(state)), node_(node), path_(std::move(path)) {}
  std::optional<std::int64_t> integer(std::string_view key, Integer range);
  std::optional<double> number(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<Secret> secret(std::string_view key);
  std::optional<std::chrono::milliseconds> duration(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  std::optional<std::map<std::string, std::string>> named_texts(std::string_view key);
  std::optional<std::string> word(std::string_view key, const std::vector<std::string_view>& words);
  void missing(std::string_view key);
  std::string path_of(std::string_view key) const;

  std::shared_ptr<State> state_;
  const void* node_ = nullptr;  // the parser's table, owned by state_
  std::string path_;
};

class Tree {
 public:
  Table root() const;
  // Everything wrong so far, and every key that nobody has read: one Failure (Malformed) whose detail holds a
  // line for each, "file:line: what", sorted by line.
  Result<void> finish() const;

 private:
  friend Result<Tree> parse(std::string_view text, std::string file_name);
  explicit Tree(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// file_name stands in every message; a relative {file="…"} starts from its folder.
Result<Tree> parse(std::string_view text, std::string file_name);
Result<Tree> load(const std::string& path);

namespace detail {
template <class T>
struct IsId : std::false_type {};
template <class Tag>
struct IsId<Id<Tag>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsDuration : std::false_type {};
template <class Rep, class Period>
struct IsDuration<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class T>
inline constexpr bool unknown_type = false;

template <class T, class Found>
bool set(T& into, std::optional<Found> found) {
  if (!found) return false;
  into = static_cast<T>(std::move(*found));
  return true;
}
template <class Rep, class Period>
bool set(std::chrono::duration<Rep, Period>& into, std::optional<std::chrono::milliseconds> found) {
  if (found) into = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(*found);
  return found.has_value();
}
}  // namespace detail

template <class T>
bool Table::read(std::string_view key, T& into) {
  if constexpr (detail::IsOptional<T>::value) {
    typename T::value_type value{};
    const bool found = read(key, value);
    if (found) into = std::move(value);
    return found;
  } else if constexpr (std::is_same_v<T, bool>) {
    return detail::set(into, boolean(key));
  } else if constexpr (std::is_integral_v<T>) {
    return detail::set(into, integer(key, range_of<T>()));
  } else if constexpr (std::is_floating_point_v<T>) {
    return detail::set(into, number(key));
  } else if constexpr (detail::IsDuration<T>::value) {
    return detail::set(into, duration(key));
  } else if constexpr (std::is_same_v<T, std::string> || detail::IsId<T>::value) {
    return detail::set(into, text(key));
  } else if constexpr (std::is_same_v<T, Secret>) {
    return detail::set(into, secret(key));
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return detail::set(into, texts(key));
  } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    return detail::set(into, named_texts(key));
  } else {
    static_assert(detail::unknown_type<T>, "no reader for this type");
  }
}

template <class T>
constexpr Table::Integer Table::range_of() {
  using Limits = std::numeric_limits<T>;
  constexpr bool wider = sizeof(T) == sizeof(std::int64_t) && std::is_unsigned_v<T>;
  constexpr auto widest = std::numeric_limits<std::int64_t>::max();
  return {static_cast<std::int64_t>(Limits::min()),
          wider ? widest : static_cast<std::int64_t>(Limits::max())};
}

template <class T>
bool Table::require(std::string_view key, T& into) {
  if (!has(key)) {
    missing(key);
    return false;
  }
  return read(key, into);
}

template <class E>
bool Table::read_one_of(std::string_view key, E& into,
                        std::initializer_list<std::pair<std::string_view, E>> words) {
  std::vector<std::string_view> known;
  for (const auto& [name, value] : words) known.push_back(name);
  const auto found = word(key, known);
  if (!found) return false;
  for (const auto& [name, value] : words)
    if (name == *found) into = value;
  return true;
}

}  // namespace aftercall::config
