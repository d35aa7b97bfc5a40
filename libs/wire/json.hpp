#pragma once
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aftercall::wire {

// A JSON value, whoever parsed it. Names of an object are unique and sorted.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;
  struct Null {};
  struct Number {  // one that is no 64-bit integer, as it was written
    std::string text;
  };
  using Held = std::variant<Null, bool, std::int64_t, Number, std::string, Array, Object>;

  Json() = default;
  Json(Null null) : held_(null) {}
  Json(Number number) : held_(std::move(number)) {}
  Json(std::string text) : held_(std::move(text)) {}
  Json(const char* text) : held_(std::string(text)) {}
  Json(Array array) : held_(std::move(array)) {}
  Json(Object object) : held_(std::move(object)) {}
  // By exact type, so that no pointer becomes a boolean.
  template <std::same_as<bool> T>
  Json(T is) : held_(is) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Json(T number) : held_(static_cast<std::int64_t>(number)) {}

  const Held& held() const { return held_; }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&held_);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&held_);
  }

 private:
  Held held_;
};

// Without spaces, names in the order of their bytes, only what must be escaped escaped: equal values give
// equal text, so that a hash over it tells whether two documents say the same.
std::string canonical(const Json& json);

// RFC 6901: one more step behind a pointer. A long name is cut, for a pointer is read by a person.
std::string pointer_to(const std::string& parent, std::string_view name);
std::string pointer_to(const std::string& parent, std::size_t index);

}  // namespace aftercall::wire
