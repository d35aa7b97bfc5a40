#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "http.hpp"

namespace load {

// A CRM's hot calls, answered as fast as may be and no laxer than the load needs: what is not exactly such a
// call is refused and counted.
class Crm {
 public:
  virtual ~Crm() = default;

  // Look and Write: what each session costs the CRM, and what the floor repeats. Search: what several
  // sessions share. Other: sign-in and probes, which somebody else answers.
  enum class Kind { Look, Write, Search, Other };
  virtual Kind kind_of(const Message& message) const = 0;
  virtual std::string answer(const Message& message) = 0;  // of any kind but Other
  virtual std::string_view credential(const Message& message) const = 0;

  std::size_t refused() const { return refused_; }
  std::size_t records() const { return records_; }
  const std::string& last_refusal() const { return last_refusal_; }

 protected:
  void refuse(std::string why) {
    ++refused_;
    last_refusal_ = std::move(why);
  }
  void made_record() { ++records_; }

 private:
  std::size_t refused_ = 0;
  std::size_t records_ = 0;
  std::string last_refusal_;
};

// `again`: the same records may be created again (recorded requests that are sent many times).
std::unique_ptr<Crm> dataverse(bool again);
std::unique_ptr<Crm> pipedrive();

inline std::string_view target_of(std::string_view start_line) {
  const auto first = start_line.find(' ');
  return start_line.substr(first + 1, start_line.rfind(' ') - first - 1);
}

}  // namespace load
