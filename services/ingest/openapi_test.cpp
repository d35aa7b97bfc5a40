#include "ingest/openapi.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "ingest/test_golden.hpp"

namespace aftercall::ingest {
namespace {

using nlohmann::json;

// Every "$ref" in the document.
void collect(const json& value, std::vector<std::string>& into) {
  if (value.is_object() && value.contains("$ref")) into.push_back(value["$ref"]);
  if (value.is_structured())
    for (const auto& each : value) collect(each, into);
}

TEST(OpenApi, IsAsItWasReadOnce) {
  expect_golden("openapi.json", json::parse(openapi(2097152)).dump(1) + "\n");
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const auto document = json::parse(openapi(2097152));
  std::vector<std::string> references;
  collect(document, references);
  EXPECT_GT(references.size(), 10U);
  for (const auto& each : references)
    EXPECT_TRUE(document.contains(json::json_pointer(each.substr(1)))) << each;
}

TEST(OpenApi, TellsEveryAnswerOfTheDoor) {
  const auto document = json::parse(openapi(2097152));
  const auto& responses = document["paths"]["/v1/sessions"]["post"]["responses"];
  for (const char* status : {"202", "400", "401", "403", "413", "415", "422", "429", "503"})
    EXPECT_TRUE(responses.contains(status)) << status;
}

}  // namespace
}  // namespace aftercall::ingest
