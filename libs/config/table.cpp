#include <utility>

#include "config/quantity.hpp"
#include "config/state.hpp"
#include "config/tree.hpp"

namespace aftercall::config {
namespace {

const toml::table* table_at(const void* node) { return static_cast<const toml::table*>(node); }

// The value at `key`, noting that somebody asked.
const toml::node* ask(State& state, const void* node, std::string_view key) {
  const auto* table = table_at(node);
  if (table == nullptr) return nullptr;
  state.asked[table].emplace(key);
  return table->get(key);
}

std::string shown(std::string_view text) {
  constexpr std::size_t enough = 40;
  std::string result = "\"" + std::string(text.substr(0, enough));
  return result + (text.size() > enough ? "…\"" : "\"");
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string all;
  for (const auto& each : words) all += (all.empty() ? "" : ", ") + std::string(each);
  return all;
}

}  // namespace

std::string Table::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

bool Table::has(std::string_view key) const { return node_ != nullptr && table_at(node_)->contains(key); }

std::vector<std::string> Table::keys() const {
  std::vector<std::string> all;
  if (node_ != nullptr)
    for (const auto& [key, value] : *table_at(node_)) all.emplace_back(key.str());
  return all;
}

void Table::leave(std::string_view key) { ask(*state_, node_, key); }

int Table::line() const { return node_ != nullptr ? line_of(*table_at(node_)) : 0; }

void Table::wrong(std::string_view key, std::string what) {
  const auto* found = node_ != nullptr && !key.empty() ? table_at(node_)->get(key) : nullptr;
  const std::string path = path_of(key);
  state_->note(found != nullptr ? line_of(*found) : line(),
               (path.empty() ? "" : path + ": ") + std::move(what));
}

void Table::missing(std::string_view key) {
  if (node_ != nullptr) state_->asked[table_at(node_)].emplace(key);
  const std::string where = path_.empty() ? "" : " in [" + path_ + "]";
  state_->note(line(), "missing key " + std::string(key) + where);
}

Table Table::table(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  const auto* as_table = found != nullptr ? found->as_table() : nullptr;
  if (found != nullptr && as_table == nullptr) wrong(key, "must be a section: [" + path_of(key) + "]");
  if (as_table != nullptr) state_->asked[as_table];
  return {state_, as_table, path_of(key)};
}

std::vector<Table> Table::tables(std::string_view key) {
  std::vector<Table> all;
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return all;
  const auto* array = found->as_array();
  if (array == nullptr) {
    wrong(key, "must be a list of sections: [[" + path_of(key) + "]]");
    return all;
  }
  for (const auto& each : *array) {
    const auto* element = each.as_table();
    if (element == nullptr) {
      state_->note(line_of(each), path_of(key) + ": each element must be a section");
      continue;
    }
    state_->asked[element];
    all.push_back({state_, element, path_of(key)});
  }
  return all;
}

std::map<std::string, Table> Table::tables_by_name(std::string_view key) {
  std::map<std::string, Table> all;
  Table parent = table(key);
  for (const auto& name : parent.keys()) all.emplace(name, parent.table(name));
  return all;
}

std::optional<std::int64_t> Table::integer(std::string_view key, Integer range) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  const auto* value = found->as_integer();
  if (value == nullptr) {
    wrong(key, "must be a whole number");
    return std::nullopt;
  }
  if (value->get() < range.least || value->get() > range.most) {
    wrong(key, std::to_string(value->get()) + " is not between " + std::to_string(range.least) + " and " +
                   std::to_string(range.most));
    return std::nullopt;
  }
  return value->get();
}

std::optional<double> Table::number(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  if (const auto value = found->value<double>(); value && found->is_number()) return value;
  wrong(key, "must be a number");
  return std::nullopt;
}

std::optional<bool> Table::boolean(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  if (const auto* value = found->as_boolean()) return value->get();
  wrong(key, "must be true or false");
  return std::nullopt;
}

std::optional<std::string> Table::text(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  if (const auto* value = found->as_string()) return value->get();
  wrong(key, "must be a text in quotes");
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Table::duration(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  const auto* value = found->as_string();
  const auto parsed = value != nullptr ? parse_duration(value->get()) : std::nullopt;
  if (!parsed)
    wrong(key,
          (value != nullptr ? shown(value->get()) + " is no duration" : std::string("must be a duration")) +
              R"(; write "200ms", "5s", "2m", "1h" or "1d")");
  return parsed;
}

bool Table::read_bytes(std::string_view key, std::size_t& into) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return false;
  std::optional<std::uint64_t> size;
  if (const auto* text = found->as_string()) size = parse_size(text->get());
  if (const auto* number = found->as_integer(); number != nullptr && number->get() >= 0)
    size = static_cast<std::uint64_t>(number->get());
  if (!size) {
    wrong(key, R"(is no size; write "512KiB", "8MiB" or a number of bytes)");
    return false;
  }
  into = static_cast<std::size_t>(*size);
  return true;
}

std::optional<std::vector<std::string>> Table::texts(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> all;
  const auto* array = found->as_array();
  bool right = array != nullptr;
  if (array != nullptr) {
    for (const auto& each : *array) {
      const auto* element = each.as_string();
      right = right && element != nullptr;
      if (element != nullptr) all.push_back(element->get());
    }
  }
  if (right) return all;
  wrong(key, "must be a list of texts: [\"…\", \"…\"]");
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> Table::named_texts(std::string_view key) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  std::map<std::string, std::string> all;
  const auto* named = found->as_table();
  bool right = named != nullptr;
  if (named != nullptr) {
    for (const auto& [name, value] : *named) {
      const auto* text = value.as_string();
      right = right && text != nullptr;
      if (text != nullptr) all.emplace(name.str(), text->get());
    }
  }
  if (right) return all;
  wrong(key, "must be a section of texts: name = \"…\"");
  return std::nullopt;
}

std::optional<std::string> Table::word(std::string_view key, const std::vector<std::string_view>& words) {
  const auto* found = ask(*state_, node_, key);
  if (found == nullptr) return std::nullopt;
  const auto* value = found->as_string();
  if (value != nullptr)
    for (const auto& each : words)
      if (each == value->get()) return value->get();
  wrong(key, (value != nullptr ? shown(value->get()) + " is none of: " : std::string("must be one of: ")) +
                 listed(words));
  return std::nullopt;
}

}  // namespace aftercall::config
