#include "matcher/deal.hpp"

#include <gmock/gmock.h>

namespace aftercall::matcher {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Capabilities with_deals() {
  Capabilities can;
  can.deals = true;
  return can;
}

Session with_hint(const std::string& deal) {
  Session session;
  session.crm_hints["deal_id"] = deal;
  return session;
}

ParticipantMatch participant(std::size_t number, const std::string& contact) {
  ParticipantMatch match;
  match.participant = number;
  if (!contact.empty()) match.contact = CrmRecord{"contact", contact, "", ""};
  return match;
}

Matched matched(std::vector<ParticipantMatch> participants) {
  Matched out;
  out.capabilities = with_deals();
  out.participants = std::move(participants);
  return out;
}

Result<crm::Answer> deal(const std::string& id) {
  crm::Answer answer;
  answer.deal = CrmRecord{"deal", id, "", ""};
  return answer;
}

Result<crm::Answer> none() { return crm::Answer{}; }

TEST(Deal, TheSessionsOwnIsAskedForWhereTheCrmHasDeals) {
  const auto questions = own_deal_question(with_hint("52"), with_deals());
  ASSERT_THAT(questions, SizeIs(1));
  EXPECT_EQ(std::get<crm::DealById>(questions[0]).id, "52");
  EXPECT_THAT(own_deal_question(with_hint("52"), Capabilities()), IsEmpty());
  EXPECT_THAT(own_deal_question(with_hint(""), with_deals()), IsEmpty());
  EXPECT_THAT(own_deal_question(Session(), with_deals()), IsEmpty());
}

TEST(Deal, ElseTheNewestOfTheFirstParticipantWhoWasFound) {
  const auto people = matched({participant(1, ""), participant(2, "7"), participant(3, "8")});
  const auto questions = newest_deal_question(people, {});
  ASSERT_THAT(questions, SizeIs(1));
  EXPECT_EQ(std::get<crm::NewestDealOf>(questions[0]).contact.id, "7");

  Known known;
  known.own_deal = none();
  EXPECT_THAT(newest_deal_question(people, known), SizeIs(1));
  known.own_deal = deal("52");
  EXPECT_THAT(newest_deal_question(people, known), IsEmpty());
  EXPECT_THAT(newest_deal_question(matched({participant(1, "")}), {}), IsEmpty());
}

TEST(Deal, TheOwnOneWinsAndEachLookIsOnRecord) {
  auto people = matched({participant(2, "7")});
  Known known;
  known.own_deal = deal("52");
  judge_deal(people, known);
  EXPECT_EQ(people.deal->id, "52");
  EXPECT_TRUE(people.own_deal);
  EXPECT_THAT(people.left_out, IsEmpty());
  ASSERT_THAT(people.lookups, SizeIs(1));
  EXPECT_EQ(people.lookups[0].answer, "found: 52");
}

TEST(Deal, AnOwnOneThatIsNotThereFallsToTheNewest) {
  auto people = matched({participant(2, "7")});
  Known known;
  known.own_deal = none();
  known.newest_deal = deal("60");
  judge_deal(people, known);
  EXPECT_EQ(people.deal->id, "60");
  EXPECT_FALSE(people.own_deal);
  ASSERT_THAT(people.lookups, SizeIs(2));
  EXPECT_EQ(people.lookups[0].answer, "none");
  EXPECT_EQ(people.lookups[1].question, "newest deal of participant 2");
}

TEST(Deal, ThatThereIsNoneIsLeftOutWithTheReason) {
  auto people = matched({participant(2, "7")});
  Known known;
  known.newest_deal = none();
  judge_deal(people, known);
  EXPECT_FALSE(people.deal);
  ASSERT_THAT(people.left_out, SizeIs(1));
  EXPECT_EQ(people.left_out[0].reason, "the contact has no deal");

  auto refused = matched({participant(2, "7")});
  known.newest_deal = fail(Cause::NotPermitted, "no right to read deals");
  judge_deal(refused, known);
  EXPECT_EQ(refused.left_out.at(0).reason, "no right to read deals");

  auto unknown = matched({participant(1, "")});
  Known asked;
  asked.own_deal = none();
  judge_deal(unknown, asked);
  EXPECT_THAT(unknown.left_out.at(0).reason, HasSubstr("the session's own deal is not there; nobody"));

  Matched without_right;
  without_right.capabilities.deals_need = "deals:read";
  judge_deal(without_right, {});
  EXPECT_THAT(without_right.left_out.at(0).reason, HasSubstr("lacks the right deals:read"));

  Matched elsewhere;
  judge_deal(elsewhere, {});
  EXPECT_THAT(elsewhere.left_out, IsEmpty()) << "a CRM without deals misses none";
}

TEST(Deal, OnlyAFailureThatMayPassOrConcernsTheConnectionIsWorthWaitingFor) {
  Known known;
  EXPECT_FALSE(unread_deal(known, false));
  known.newest_deal = fail(Cause::NotPermitted, "no");
  EXPECT_FALSE(unread_deal(known, false));
  known.newest_deal = fail(Cause::NotAuthorized, "connect again");
  EXPECT_TRUE(unread_deal(known, false));
  known.newest_deal = fail(Cause::Timeout, "no answer");
  EXPECT_TRUE(unread_deal(known, false));
  known.own_deal = deal("52");
  EXPECT_FALSE(unread_deal(known, false));
}

TEST(Deal, ATriedOneIsLeftOutUnlessTheAccountOnlyRests) {
  Known known;
  known.own_deal = fail(Cause::ServerError, "again");
  EXPECT_TRUE(unread_deal(known, false));
  EXPECT_FALSE(unread_deal(known, true));
  for (const auto cause : {Cause::RateLimited, Cause::NoLease, Cause::Paced}) {
    known.newest_deal = fail(cause, "to be asked to wait is no try");
    ASSERT_TRUE(unread_deal(known, true));
    EXPECT_EQ(unread_deal(known, true)->cause, cause);
  }
}

}  // namespace
}  // namespace aftercall::matcher
