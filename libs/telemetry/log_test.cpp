#include "telemetry/log.hpp"

#include <gmock/gmock.h>

#include "domain/secret.hpp"

namespace aftercall::log {
namespace {

using namespace std::chrono_literals;

const auto at = std::chrono::system_clock::time_point(1'770'109'200'042ms);

std::string text(const Fields& fields) {
  return line_of(Format::Text, at, Level::Warn, "matcher", "a.b", fields);
}
std::string json(const Fields& fields) {
  return line_of(Format::Json, at, Level::Warn, "matcher", "a.b", fields);
}

static_assert(!std::is_constructible_v<Value, Secret>, "a secret cannot be logged");

TEST(Log, ALineSaysWhenWhoWhatAndTheRest) {
  const Fields fields{{"tenant", TenantId("acme")},
                      {"cause", Cause::NotAuthorized},
                      {"tries", 3},
                      {"ok", false},
                      {"rate", 0.5},
                      {"took", 84ms},
                      {"why", "a b"},
                      {"none", ""}};
  EXPECT_EQ(
      text(fields),
      "time=2026-02-03T09:00:00.042Z level=warn service=matcher event=a.b tenant=acme cause=not_authorized "
      "tries=3 ok=false rate=0.5 took_ms=84 why=\"a b\" none=\"\"");
  EXPECT_EQ(
      json(fields),
      R"({"time":"2026-02-03T09:00:00.042Z","level":"warn","service":"matcher","event":"a.b","tenant":"acme",)"
      R"("cause":"not_authorized","tries":3,"ok":false,"rate":0.5,"took_ms":84,"why":"a b","none":""})");
}

TEST(Log, TextFromOutsideCannotForgeALineOrAField) {
  const Fields fields{{"x", "a\nlevel=error \"b\" \\ \x1b[31m\x7f"}};
  EXPECT_THAT(text(fields), testing::EndsWith(R"(x="a\u000alevel=error \"b\" \\ \u001b[31m\u007f")"));
  EXPECT_THAT(json(fields), testing::EndsWith(R"("x":"a\u000alevel=error \"b\" \\ \u001b[31m\u007f"})"));
}

TEST(Log, WhatIsNoUtf8IsReplacedAndWhatIsStays) {
  EXPECT_THAT(json({{"x", "Åsa 日本 😀"}}), testing::EndsWith("\"Åsa 日本 😀\"}"));
  EXPECT_THAT(json({{"x", "a\xff\xc0\xafz\xed\xa0\x80"}}),
              testing::EndsWith("\"a\uFFFD\uFFFD\uFFFDz\uFFFD\uFFFD\uFFFD\"}"));
}

TEST(Log, LongValuesAreCut) { EXPECT_LT(text({{"x", std::string(1'000'000, 'x')}}).size(), 3000U); }

}  // namespace
}  // namespace aftercall::log
