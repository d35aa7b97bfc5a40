#include "policy/revision.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace aftercall {
namespace {

constexpr Instant noon = Instant(std::chrono::hours(12));
constexpr Instant later = noon + std::chrono::milliseconds(1);

TEST(Revision, ANewerStateIsGreaterWhateverTheOrderOfArrival) {
  using K = Revision::Kind;
  const std::vector<Revision> rising = {
      {K::Arrival, milliseconds_of(noon), noon, "f"},
      {K::Arrival, milliseconds_of(later), later, "a"},
      {K::Arrival, milliseconds_of(later), later, "b"},  // a tie of times goes by content
      {K::Number, 1, later, "a"},                        // stated beats arrival, however late that was
      {K::Number, 2, noon, "a"},                         // the number beats the time of acceptance
      {K::Number, 2, later, "0"},                        // the same number again: accepted later
  };
  auto shuffled = rising;
  std::sort(shuffled.begin(), shuffled.end(), std::greater<>());
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, rising);
}

TEST(Revision, IsWhatTheSourceIsRegisteredToState) {
  EXPECT_EQ(revision_of(Revisions::Number, {7, std::nullopt, noon, "h"}),
            (Revision{Revision::Kind::Number, 7, noon, "h"}));
  EXPECT_EQ(revision_of(Revisions::UpdatedAt, {std::nullopt, later, noon, "h"}),
            (Revision{Revision::Kind::Time, milliseconds_of(later), noon, "h"}));
  EXPECT_EQ(revision_of(Revisions::None, {std::nullopt, std::nullopt, noon, "h"}),
            (Revision{Revision::Kind::Arrival, milliseconds_of(noon), noon, "h"}));
}

TEST(Revision, OfAnotherKindIsRefusedAndTheFieldNamed) {
  const auto detail = [](Revisions registered, Stated stated) {
    const auto revision = revision_of(registered, stated);
    return revision ? std::string("accepted")
                    : revision.error().detail.substr(0, revision.error().detail.find(':'));
  };
  EXPECT_EQ(detail(Revisions::Number, {std::nullopt, later, noon, "h"}), "/revision");
  EXPECT_EQ(detail(Revisions::Number, {-1, std::nullopt, noon, "h"}), "/revision");
  EXPECT_EQ(detail(Revisions::UpdatedAt, {3, later, noon, "h"}), "/revision");
  EXPECT_EQ(detail(Revisions::UpdatedAt, {std::nullopt, std::nullopt, noon, "h"}), "/updated_at");
  EXPECT_EQ(detail(Revisions::None, {3, std::nullopt, noon, "h"}), "/revision");
  EXPECT_EQ(detail(Revisions::None, {std::nullopt, later, noon, "h"}), "/updated_at");
}

}  // namespace
}  // namespace aftercall
