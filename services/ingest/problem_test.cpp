#include "ingest/problem.hpp"

#include <gmock/gmock.h>

#include "ingest/test_golden.hpp"

namespace aftercall::ingest {
namespace {

wire::Wrongs wrongs(bool too_large) {
  wire::Wrongs wrongs;
  wrongs.add({"/participants", "must have at most 100 elements", true});
  if (!too_large) wrongs.add({"/title", "must be a string"});
  return wrongs;
}

TEST(Problem, EveryAnswerIsAsItWasReadOnce) {
  std::string text;
  for (const auto& problem :
       {problem::no_such_page(), problem::method_not_allowed("POST"), problem::no_key(),
        problem::unknown_key(), problem::source_disabled(), problem::wrong_media_type(),
        problem::encoded_body(), problem::not_json({"/a", "must be JSON; it is not at line 1, byte 7"}),
        problem::wrong_fields(wrongs(false)), problem::wrong_fields(wrongs(true)),
        problem::body_too_large(2097152), problem::too_many_bytes(), problem::tenant_waits_too_much(),
        problem::too_many_waiting(), problem::not_stored(), problem::starting(), problem::tenant_unknown()}) {
    const auto response = response_of(problem);
    text += std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers) text += name + ": " + value + "\n";
    text += "\n" + response.body + "\n\n";
  }
  expect_golden("problems.txt", text);
}

TEST(Problem, SaysHowManyMistakesItLeftOut) {
  wire::Wrongs many;
  for (std::size_t i = 0; i < wire::Wrongs::most + 7; ++i) many.add({"/x", "is not a field of Session"});
  EXPECT_THAT(response_of(problem::wrong_fields(many)).body, testing::HasSubstr("\"errors_left_out\":7"));
}

}  // namespace
}  // namespace aftercall::ingest
