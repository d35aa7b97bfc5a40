#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace aftercall {

// A password, token or key. It has no formatter and no operator<<: logging one does not compile.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace aftercall
