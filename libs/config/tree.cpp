#include "config/tree.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "config/state.hpp"

namespace aftercall::config {
namespace {

constexpr std::size_t largest_file = 4UL * 1024 * 1024;  // settings are written by people

}  // namespace

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }
int line_of(const toml::key& key) { return static_cast<int>(key.source().begin.line); }

Result<Tree> parse(std::string_view text, std::string file_name) {
  auto state = std::make_shared<State>();
  try {
    state->parsed = toml::parse(text, std::string_view(file_name));
  } catch (const toml::parse_error& error) {
    return fail(Cause::Malformed, file_name + ":" + std::to_string(error.source().begin.line) + ": " +
                                      std::string(error.description()));
  }
  state->file_name = std::move(file_name);
  state->asked[&state->parsed];  // opened by nature: what nobody reads in it is unknown
  return Tree(std::move(state));
}

Result<Tree> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    text.resize(largest_file + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
    return fail(Cause::Malformed, "cannot read " + path + ": " + std::strerror(errno));
  if (text.size() > largest_file)
    return fail(Cause::Malformed, path + " is longer than 4 MiB: no settings file");
  return parse(text, path);
}

Table Tree::root() const { return {state_, &state_->parsed, ""}; }

Result<void> Tree::finish() const {
  Wrongs wrongs = state_->wrongs;
  note_unknown(*state_, state_->parsed, "", wrongs);  // afresh each time: more may have been read since
  if (wrongs.empty()) return {};
  std::string detail;
  for (const auto& [line, what] : wrongs) {
    if (!detail.empty()) detail += '\n';
    detail += state_->file_name + ":" + std::to_string(line) + ": " + what;
  }
  return fail(Cause::Malformed, std::move(detail));
}

}  // namespace aftercall::config
