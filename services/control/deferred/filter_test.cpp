#include "control/deferred/filter.hpp"

#include <gmock/gmock.h>

namespace aftercall::control {
namespace {

using testing::ElementsAre;

Deferral of(const std::string& key, Kind kind = Kind::Blocked) {
  Deferral deferral;
  deferral.key = key;
  deferral.tenant = TenantId("t");
  deferral.unit = CrmAccount("crm:a");
  deferral.session = "t/src/s%2F1";
  deferral.stage = "matcher";
  deferral.cause = "paused";
  deferral.kind = kind;
  return deferral;
}

TEST(Filter, WhatIsEmptyDoesNotNarrowAndNamesNothing) {
  api::DeferredFilter filter;
  EXPECT_TRUE(fits(filter, of("k")));
  EXPECT_TRUE(is_empty(filter));
  filter.mutable_session();
  EXPECT_TRUE(is_empty(filter)) << "a session without a word in it";
  filter.mutable_session()->set_source("src");
  EXPECT_FALSE(is_empty(filter));
}

TEST(Filter, EachFieldNarrows) {
  const auto narrowed = [](auto set) {
    api::DeferredFilter filter;
    set(filter);
    return fits(filter, of("k"));
  };
  EXPECT_TRUE(narrowed([](auto& filter) { filter.mutable_session()->set_session_id("s/1"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.mutable_session()->set_session_id("s"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.mutable_session()->set_source("other"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.set_tenant("u"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.set_crm_account("crm:b"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.set_stage("formatter"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.set_cause("timeout"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.set_kind("dead"); }));
  EXPECT_FALSE(narrowed([](auto& filter) { filter.add_keys("l"); }));
}

TEST(Filter, AKindThatThereIsNoneOfIsAMistake) {
  api::DeferredFilter filter;
  for (const auto* kind : {"waiting", "in doubt", "in_doubt", "blocked", "dead"}) {
    filter.set_kind(kind);
    EXPECT_TRUE(check(filter)) << kind;
  }
  EXPECT_TRUE(fits(filter, of("k", Kind::Permanent)));
  filter.set_kind("died");
  EXPECT_FALSE(check(filter));
}

TEST(Filter, AListComesInPages) {
  Deferrals deferrals;
  for (const auto* key : {"a", "b", "c"}) deferrals.insert(of(key), std::nullopt);
  deferrals.insert(of("bb", Kind::Permanent), std::nullopt);
  api::ListDeferredRequest request;
  request.mutable_filter()->set_kind("blocked");
  request.set_limit(2);
  const auto page = list(deferrals, request);
  ASSERT_EQ(page.items_size(), 2);
  EXPECT_TRUE(page.more());
  EXPECT_EQ(page.items(0).session().session_id(), "s/1");
  request.set_after(page.items(1).key());
  const auto last = list(deferrals, request);
  ASSERT_EQ(last.items_size(), 1);
  EXPECT_EQ(last.items(0).key(), "c");
  EXPECT_FALSE(last.more());
  EXPECT_THAT(keys_of(deferrals, request.filter()), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace aftercall::control
