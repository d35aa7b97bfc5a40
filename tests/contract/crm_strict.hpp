#pragma once
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "crm_suite.hpp"

// A connector's own requests, each broken in one place and sent as they are: what the simulator does not
// refuse, the contract suite does not prove.
namespace aftercall::test {

// What is to be broken, and how. It throws where there is nothing to break: a rule must not prove itself by
// accident.
using Break = std::function<void(http::Request&)>;
void replace(std::string& text, const std::string& what, const std::string& with);  // every occurrence
Break in_target(std::string what, std::string with);
Break in_body(std::string what, std::string with);
Break without(std::string header);
Break with(std::string header, std::string value);
Break by(std::string method);
void cut_short(http::Request& request);  // its last byte is missing

struct Rule {
  const char* name;
  http::Request (*built)(Stand& stand, const std::string& note);  // `note` is the id of one that is there
  Break broken;
  int status;
  const char* says;
};
inline void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }
inline std::string name_of_rule(const testing::TestParamInfo<Rule>& rule) { return rule.param.name; }

http::Request sign_in(Stand& stand, const std::string& note);  // for Rule::built

// One connector before its simulator, where each test finds one note, under key_3, on Anna.
class Strict : public testing::Test {
 protected:
  static void start(const char* crm);  // from SetUpTestSuite
  static void TearDownTestSuite();
  void SetUp() override;

  void expect_refused(const Rule& rule);  // when broken, without effect; and not when whole
  http::Response send(const http::Request& request) { return stand_->send(request); }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  static inline std::unique_ptr<Stand> stand_;
  std::string note_;
  std::vector<SeenNote> before_;
};

}  // namespace aftercall::test
