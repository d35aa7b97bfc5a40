#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/state.hpp"

namespace aftercall::config {
namespace {

constexpr std::size_t largest_secret = 64UL * 1024;  // a private key is 4 KiB
constexpr auto forms = "must be \"…\", { file = \"PATH\" } or { env = \"NAME\" }";

Result<std::string> from_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(largest_secret + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad() || !file.eof())
    return fail(Cause::Malformed, "cannot read the file " + path.string());
  text.resize(static_cast<std::size_t>(file.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();  // an editor's, no part of the secret
  return text;
}

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return fail(Cause::Malformed, "the environment has no " + name);
  return std::string(value);
}

Result<std::string> indirect(const toml::table& source, const std::filesystem::path& folder) {
  if (source.size() != 1) return fail(Cause::Malformed, forms);
  if (const auto* file = source["file"].as_string()) return from_file(folder / file->get());
  if (const auto* name = source["env"].as_string()) return from_environment(name->get());
  return fail(Cause::Malformed, forms);
}

Result<std::string> revealed(const toml::node& node, const std::filesystem::path& folder) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* source = node.as_table()) return indirect(*source, folder);
  return fail(Cause::Malformed, forms);
}

}  // namespace

std::optional<Secret> Table::secret(std::string_view key) {
  const auto* table = static_cast<const toml::table*>(node_);
  if (table == nullptr) return std::nullopt;
  state_->asked[table].emplace(key);
  const auto* found = table->get(key);
  if (found == nullptr) return std::nullopt;
  auto text = revealed(*found, std::filesystem::path(state_->file_name).parent_path());
  if (text && text->empty()) text = fail(Cause::Malformed, "is empty");
  if (text) return Secret(std::move(*text));
  wrong(key, text.error().detail);  // never the value itself
  return std::nullopt;
}

}  // namespace aftercall::config
