#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "http.hpp"

namespace load {

// Dynamics 365's hot calls, the look for contacts by e-mail and the batch of notes, answered as fast as may
// be and no laxer than the load needs: what is not exactly such a call is refused and counted. Everybody
// called guest-<eight digits>@… is a contact with an account.
class Dataverse {
 public:
  // `again`: the same records may be created again (recorded requests that are sent many times).
  explicit Dataverse(bool again) : again_(again) {}

  enum class Kind { Look, Write, Other };
  Kind kind_of(const Message& message) const;
  std::string answer(const Message& message);  // of Look or Write
  std::size_t refused() const { return refused_; }
  std::size_t records() const { return records_; }
  const std::string& last_refusal() const { return last_refusal_; }

 private:
  std::string look(std::string_view target);
  std::string write(const Message& message);
  std::optional<std::string> part(std::string_view text, std::string& answer);  // what is wrong with it
  std::string refuse(std::string why);

  bool again_;
  std::size_t refused_ = 0;
  std::size_t records_ = 0;
  std::string last_refusal_;
  std::unordered_set<std::string> created_;
};

}  // namespace load
