#include "cli/deferred_text.hpp"

#include <gmock/gmock.h>

#include "cli/table.hpp"
#include "wire/time.hpp"

namespace aftercall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const Instant now = instant_of(1'800'000'000'000);

control::v1::DeferredItem item(const std::string& kind) {
  control::v1::DeferredItem item;
  item.set_kind(kind);
  item.set_cause("not_authorized");
  item.set_stage("crm_writer");
  item.mutable_session()->set_tenant("acme");
  item.mutable_session()->set_source("zoom");
  item.mutable_session()->set_session_id("s1");
  item.set_key("e/crm_writer/a/1");
  return item;
}

TEST(DeferredText, TellsWhenEachIsDueAndWhy) {
  control::v1::ListDeferredResponse response;
  *response.add_items() = item("blocked");
  *response.add_items() = item("dead");
  *response.add_items() = item("waiting");
  wire::write_time(*response.mutable_items(2)->mutable_not_before(), now + std::chrono::minutes(5));
  const auto text = deferred_text(response, now);
  EXPECT_THAT(text, HasSubstr("when its cause ends"));
  EXPECT_THAT(text, HasSubstr("when you say so"));
  EXPECT_THAT(text, HasSubstr("in 5 min"));
  EXPECT_THAT(text, HasSubstr("acme/zoom/s1"));
  EXPECT_THAT(text, HasSubstr("3 shown"));
}

TEST(DeferredText, TextFromOutsideStaysOnItsLine) {
  control::v1::ListDeferredResponse response;
  *response.add_items() = item("dead");
  response.mutable_items(0)->set_detail("a\nforged line\x1b[31m");
  const auto text = deferred_text(response, now);
  EXPECT_THAT(text, HasSubstr("a forged line"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(DeferredText, ALongDetailIsCutBetweenLetters) {
  control::v1::ListDeferredResponse response;
  *response.add_items() = item("dead");
  std::string detail = "x";
  while (detail.size() < 150) detail += "é";
  response.mutable_items(0)->set_detail(detail);
  EXPECT_THAT(deferred_text(response, now), HasSubstr("é…"));
}

TEST(DeferredText, SaysWhatAReleaseCameTo) {
  control::v1::ReleaseResponse response;
  EXPECT_THAT(release_text(response, false), HasSubstr("nothing"));
  response.set_queued(7);
  EXPECT_THAT(release_text(response, true), HasSubstr("7 would be"));
  response.set_released(3);
  EXPECT_EQ(release_text(response, false), "3 released, 7 will be as their accounts' turn comes\n");
}

TEST(Table, ColumnsAreAsWideAsTheirLettersNotTheirBytes) {
  EXPECT_EQ(table_text({{"é", "b"}, {"xx", "c"}}, Align::Left), "é   b\nxx  c\n");
  EXPECT_EQ(table_text({{"stage", "lag"}, {"x", "7"}}, Align::RightButFirst), "stage  lag\nx        7\n");
}

TEST(DiscardText, SaysHowManyAreGone) {
  control::v1::DiscardResponse response;
  EXPECT_EQ(discard_text(response, false), "nothing that waits fits; nothing was discarded\n");
  response.set_discarded(2);
  EXPECT_EQ(discard_text(response, false), "2 discarded\n");
  response.set_queued(3);
  EXPECT_EQ(discard_text(response, false), "2 discarded, 3 will be soon\n");
  EXPECT_EQ(discard_text(response, true), "3 would be discarded; nothing was\n");
}

}  // namespace
}  // namespace aftercall::cli
