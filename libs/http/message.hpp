#pragma once
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/instant.hpp"

namespace aftercall::http {

// Header fields in the order they were sent. Names compare without regard to letter case (RFC 9110 §5.1).
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  std::optional<std::string_view> find(std::string_view name) const;  // the first one; lives as long as this
  std::size_t count(std::string_view name) const;
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  // replaces every field of that name
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Field> fields_;
};

bool same_name(std::string_view a, std::string_view b);  // ASCII letters without regard to case

struct Request {
  std::string method = "GET";
  std::string target;  // sent by us: an absolute URL; received by us: path and query as they were sent
  Headers headers;
  std::string body;
  bool repeatable = false;  // sent by us: sending it twice has the effect of once, so a stale connection may
                            // be answered by sending it again
  std::string peer{};       // received by us: the other side's address
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  bool repeated = false;  // to the second sending: what became of the first, nobody knows
};

// When the other side answered, by its own clock; nothing unless it is the form that every server must send
// (RFC 9110 §5.6.7).
std::optional<Instant> date_of(const Headers& headers);

// How long it asks us to stay away, bounded to a day; nothing for nonsense, or for a date without a Date.
std::optional<std::chrono::milliseconds> retry_after(const Headers& headers);

// The media type of a Content-Type field in lower case, without its parameters; "" when there is none.
std::string media_type(const Headers& headers);

}  // namespace aftercall::http
