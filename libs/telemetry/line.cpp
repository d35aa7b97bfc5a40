#include <array>
#include <charconv>
#include <ctime>

#include "domain/utf8.hpp"
#include "telemetry/log.hpp"

namespace aftercall::log {
namespace {

constexpr std::size_t longest_value =
    2048;  // a line must fit what collectors take (16 KiB is the usual least)

std::string_view name_of_level(Level level) {
  switch (level) {
    case Level::Info:
      return "info";
    case Level::Warn:
      return "warn";
    case Level::Error:
      return "error";
  }
  return "error";
}

std::string stamp(std::chrono::system_clock::time_point at) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::time_t time = seconds.count();
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 32> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &utc);
  const auto fraction = std::to_string(1000 + (milliseconds - seconds).count());
  return std::string(text.data(), length) + fraction.substr(1) + "Z";
}

void escape(char c, std::string& into) {
  static constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  into += "\\u00";
  into += digits[byte >> 4U];
  into += digits[byte & 0xFU];
}

// In quotes, as JSON; what is no UTF-8 becomes U+FFFD.
std::string quoted(std::string_view text) {
  const bool cut = text.size() > longest_value;
  text = text.substr(0, longest_value);
  std::string result = "\"";
  while (!text.empty()) {
    const auto next = first_code_point(text);
    if (next.value == '"' || next.value == '\\')
      result += {'\\', text[0]};
    else if (next.value < 0x20 || next.value == 0x7f)
      escape(text[0], result);
    else
      append_utf8(result, next.value);
    text.remove_prefix(next.bytes);
  }
  return result + (cut ? "…\"" : "\"");
}

// Without quotes where no reader could be misled.
std::string bare(std::string_view text) {
  static constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+*%";
  const bool harmless = !text.empty() && text.size() <= longest_value &&
                        text.find_first_not_of(plain) == std::string_view::npos;
  return harmless ? std::string(text) : quoted(text);
}

std::string number(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  const std::string shown(text.data(), end);
  return shown.find_first_of("in") == std::string::npos ? shown
                                                        : "\"" + shown + "\"";  // JSON has no inf, no nan
}

struct Show {
  Format format;
  std::string operator()(const std::string& text) const {
    return format == Format::Json ? quoted(text) : bare(text);
  }
  std::string operator()(std::int64_t whole) const { return std::to_string(whole); }
  std::string operator()(double value) const { return number(value); }
  std::string operator()(bool is) const { return is ? "true" : "false"; }
  std::string operator()(std::chrono::milliseconds took) const { return std::to_string(took.count()); }
};

}  // namespace

std::string line_of(Format format, std::chrono::system_clock::time_point at, Level level,
                    std::string_view service, std::string_view event, const Fields& fields) {
  std::string line;
  const auto add = [&](std::string_view name, const std::string& shown) {
    if (!line.empty()) line += format == Format::Json ? ',' : ' ';
    line += format == Format::Json ? quoted(name) + ":" + shown : std::string(name) + "=" + shown;
  };
  const Show show{format};
  add("time", show(stamp(at)));
  add("level", show(std::string(name_of_level(level))));
  if (!service.empty()) add("service", show(std::string(service)));
  add("event", show(std::string(event)));
  for (const auto& [name, value] : fields) {
    const bool duration = std::holds_alternative<std::chrono::milliseconds>(value.held());
    add(duration ? std::string(name) + "_ms" : std::string(name), std::visit(show, value.held()));
  }
  return format == Format::Json ? "{" + line + "}" : line;
}

}  // namespace aftercall::log
