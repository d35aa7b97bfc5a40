#include "ingest/read_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "domain/utf8.hpp"

namespace aftercall::ingest {
namespace {

using wire::Json;
using wire::Wrong;

std::string place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto column = offset - (before.rfind('\n') + 1);  // npos + 1 is 0
  return "line " + std::to_string(line) + ", byte " + std::to_string(column + 1);
}

// Builds the value as the parser reports its parts; answering false ends the parse.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  bool null() { return value(Json()); }
  bool boolean(bool is) { return value(Json(is)); }
  bool number_integer(std::int64_t number) { return value(Json(number)); }
  bool number_unsigned(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return value(Json::Number{std::to_string(number)});
    return value(Json(static_cast<std::int64_t>(number)));
  }
  bool number_float(double /*number*/, const std::string& written) {
    if (written.size() > longest_number)
      return refuse(pointer(),
                    "must be a number of at most " + std::to_string(longest_number) + " characters");
    return value(Json::Number{written});
  }
  bool string(std::string& text) {
    if (text.find('\0') != std::string::npos) return refuse(pointer(), "must not have U+0000");
    return value(Json(std::move(text)));
  }
  static bool binary(const std::vector<std::uint8_t>& /*bytes*/) { return false; }  // JSON has none
  bool start_object(std::size_t /*unknown*/) { return open(Json::Object()); }
  bool start_array(std::size_t /*unknown*/) { return open(Json::Array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    Frame& frame = open_.back();
    if (name.find('\0') != std::string::npos) return refuse(frame.pointer, "must not have U+0000 in a name");
    if (frame.value.as<Json::Object>()->contains(name))
      return refuse(wire::pointer_to(frame.pointer, name), "must not be there twice");
    frame.name = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*quotes*/) {
    return refuse(open_.empty() ? "" : open_.back().pointer,
                  "must be JSON; it is not at " + place_of(text_, position == 0 ? 0 : position - 1));
  }

  tl::expected<Json, Wrong> result(bool parsed) {
    if (wrong_) return tl::unexpected(*wrong_);
    if (!parsed) return tl::unexpected(Wrong{"", "must be JSON"});
    return std::move(whole_);
  }

 private:
  struct Frame {
    Json value;  // an array or an object that is not closed yet
    std::string pointer;
    std::string name;  // of the member that is being read
  };

  std::string pointer() const {
    if (open_.empty()) return "";
    const Frame& frame = open_.back();
    if (const auto* array = frame.value.as<Json::Array>())
      return wire::pointer_to(frame.pointer, array->size());
    return wire::pointer_to(frame.pointer, frame.name);
  }

  bool refuse(std::string pointer, std::string rule) {
    if (!wrong_) wrong_ = Wrong{std::move(pointer), std::move(rule)};
    return false;
  }

  bool open(Json empty) {
    if (open_.size() == deepest)
      return refuse(pointer(), "must not be nested more than " + std::to_string(deepest) + " levels deep");
    open_.push_back({std::move(empty), pointer(), ""});
    return true;
  }

  bool close() {
    Json done = std::move(open_.back().value);
    open_.pop_back();
    return value(std::move(done));
  }

  bool value(Json json) {
    if (open_.empty()) {
      whole_ = std::move(json);
    } else if (auto* array = open_.back().value.as<Json::Array>()) {
      array->push_back(std::move(json));
    } else {
      open_.back().value.as<Json::Object>()->emplace(std::move(open_.back().name), std::move(json));
    }
    return true;
  }

  std::string_view text_;
  std::vector<Frame> open_;
  Json whole_;
  std::optional<Wrong> wrong_;
};

std::optional<std::size_t> first_broken_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = first_code_point(text.substr(at));
    if (!point.valid) return at;
    at += point.bytes;
  }
  return std::nullopt;
}

}  // namespace

tl::expected<wire::Json, wire::Wrong> read_json(std::string_view text) {
  if (!valid_utf8(text))
    return tl::unexpected(
        Wrong{"", "must be UTF-8; it is not at " + place_of(text, *first_broken_byte(text))});
  if (text.substr(0, 3) == "\xEF\xBB\xBF")  // the parser would pass over it; RFC 8259 §8.1 forbids to send it
    return tl::unexpected(Wrong{"", "must not begin with a byte order mark"});
  Builder builder(text);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.result(parsed);
}

}  // namespace aftercall::ingest
