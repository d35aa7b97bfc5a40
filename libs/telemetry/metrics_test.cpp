#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "telemetry/registry.hpp"
#include "telemetry/settled.hpp"

namespace aftercall::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(Metrics, AnEndedUnitIsCountedByHowAndWhyAndItsStepIsTimed) {
  settled({.stage = "t1", .outcome = "blocked", .cause = Cause::NotAuthorized, .took = 84ms});
  settled({.stage = "t1", .outcome = "emitted", .took = 1ms});
  settled({.stage = "t1", .outcome = "emitted", .took = 1ms});
  const auto text = metrics_text();
  EXPECT_THAT(
      text, HasSubstr("aftercall_events_total{cause=\"not_authorized\",outcome=\"blocked\",stage=\"t1\"} 1"));
  EXPECT_THAT(text, HasSubstr("aftercall_events_total{cause=\"\",outcome=\"emitted\",stage=\"t1\"} 2"));
  EXPECT_THAT(text, HasSubstr("aftercall_step_seconds_bucket{stage=\"t1\",le=\"0.05\"} 2"));
  EXPECT_THAT(text, HasSubstr("aftercall_step_seconds_count{stage=\"t1\"} 3"));
}

TEST(Metrics, CrmRequestsAreCountedByConnectorVerbAndOutcome) {
  crm_requests("x", "look", "answered", {2, 30}, 12ms);
  crm_requests("x", "put", "timeout", {1, 0}, 30s);
  EXPECT_THAT(
      metrics_text(),
      HasSubstr("aftercall_crm_requests_total{connector=\"x\",outcome=\"answered\",verb=\"look\"} 2"));
  EXPECT_THAT(metrics_text(),
              HasSubstr("aftercall_crm_requests_total{connector=\"x\",outcome=\"timeout\",verb=\"put\"} 1"));
  EXPECT_THAT(metrics_text(), HasSubstr("aftercall_crm_tokens_total{connector=\"x\",verb=\"look\"} 30"));
}

TEST(Metrics, TheLagOfAPartitionThatIsNotOursAnyMoreIsNotShown) {
  lag("t2", "note.ready", 3, 100, 1500ms);
  lag("t2", "note.ready", 4, 7, 0ms);
  EXPECT_THAT(metrics_text(),
              HasSubstr("aftercall_lag_events{partition=\"3\",stage=\"t2\",topic=\"note.ready\"} 100"));
  EXPECT_THAT(metrics_text(),
              HasSubstr("aftercall_lag_seconds{partition=\"3\",stage=\"t2\",topic=\"note.ready\"} 1.5"));
  lag_gone("t2", "note.ready", 3);
  lag_gone("t2", "note.ready", 9);
  EXPECT_THAT(metrics_text(), Not(HasSubstr("partition=\"3\"")));
  EXPECT_THAT(metrics_text(), HasSubstr("partition=\"4\""));
}

TEST(Metrics, InputCannotGrowAFamilyWithoutBound) {
  Registry registry;
  for (std::size_t i = 0; i < Registry::series_a_family + 100; ++i)
    registry.count("family_total", "x", {{"who", std::to_string(i)}}, 1);
  const auto text = registry.text();
  EXPECT_THAT(text, HasSubstr("family_total{who=\"0\"} 1"));
  EXPECT_THAT(text, HasSubstr("family_total{who=\"other\"} 100"));
  EXPECT_THAT(text, Not(HasSubstr("who=\"550\"")));
}

TEST(Metrics, ALabelFromOutsideCannotForgeASample) {
  Registry registry;
  registry.count("family_total", "x", {{"who", "a\"} 9\nevil 1\n\xff"}}, 1);
  EXPECT_THAT(registry.text(), Not(HasSubstr("\nevil")));
  registry.count("family_total", "x", {{"who", std::string(5000, 'x')}}, 1);
  EXPECT_LT(registry.text().size(), 1000U);
}

TEST(Metrics, ThreadsCountTogether) {
  Registry registry;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) registry.count("family_total", "x", {{"n", std::to_string(i % 10)}}, 1);
    });
  for (auto& each : threads) each.join();
  EXPECT_THAT(registry.text(), HasSubstr("family_total{n=\"3\"} 200"));
}

}  // namespace
}  // namespace aftercall::telemetry
