#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/failure.hpp"
#include "domain/id.hpp"

// One line an event: a name that can be searched for, then fields. Never a secret (a Secret does not compile
// here), a note's text or unmasked personal data.
//   log::warn("kafka.disconnected", {{"broker", broker}, {"after", 84ms}});
namespace aftercall::log {

enum class Level { Info, Warn, Error };
enum class Format { Text, Json };

class Value {
 public:
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(const char* text) : held_(std::string(text)) {}
  template <class Tag>
  Value(const Id<Tag>& id) : held_(id.str()) {}
  Value(Cause cause) : held_(std::string(name_of(cause))) {}
  Value(bool is) : held_(is) {}
  template <std::integral T>
  Value(T number) : held_(static_cast<std::int64_t>(number)) {}
  Value(double number) : held_(number) {}
  template <class Rep, class Period>
  Value(std::chrono::duration<Rep, Period> took)
      : held_(std::chrono::duration_cast<std::chrono::milliseconds>(took)) {}

  using Held = std::variant<std::string, std::int64_t, double, bool, std::chrono::milliseconds>;
  const Held& held() const { return held_; }

 private:
  Held held_;
};

struct Field {
  std::string_view name;  // a duration's name gets "_ms" behind it
  Value value;
};
using Fields = std::vector<Field>;

void info(std::string_view event, const Fields& fields = {});
void warn(std::string_view event, const Fields& fields = {});
void error(std::string_view event, const Fields& fields = {});

struct Settings {
  Format format = Format::Text;
  Level level = Level::Info;
  std::string service;  // stands in every line
};
void open(Settings settings);  // before it: text, from info, to standard error

// The line, without its end; pure. Control characters are escaped and long values cut, so that text from
// outside can neither forge a line nor flood the log.
std::string line_of(Format format, std::chrono::system_clock::time_point at, Level level,
                    std::string_view service, std::string_view event, const Fields& fields);

}  // namespace aftercall::log
