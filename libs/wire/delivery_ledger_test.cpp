#include "wire/delivery_ledger.hpp"

#include <gtest/gtest.h>

namespace aftercall::wire {
namespace {

const CrmAccount account("dynamics365:1");
const SessionKey session{TenantId("acme"), SourceId("meet/ings"), SessionId("1")};

LedgerRow row() {
  LedgerRow out;
  out.name = {"note", "9f", 2};
  out.key = "k";
  out.state = LedgerRow::State::DeletedByPerson;
  out.crm_id = "n1";
  out.target = {"contact", "c1", "Anna", "https://x"};
  out.deal = {"deal", "d1", "Renewal", ""};
  out.revision = {Revision::Kind::Time, 5, instant_of(7), "h"};
  out.same_as = LedgerName{"note", "aa", 0};
  out.sent_at = instant_of(3);
  out.generation = 4;
  return out;
}

TEST(DeliveryLedger, ARowComesBackWithoutThePersonsName) {
  const auto back = from_wire(to_wire(row(), account, session));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->name, row().name);
  EXPECT_EQ(back->state, row().state);
  EXPECT_EQ(back->revision, row().revision);
  EXPECT_EQ(back->same_as, row().same_as);
  EXPECT_EQ(back->sent_at, row().sent_at);
  EXPECT_EQ(back->target.id, "c1");
  EXPECT_EQ(back->target.name, "");
  EXPECT_EQ(back->deal, (CrmRecord{"deal", "d1", "", ""}));
}

TEST(DeliveryLedger, AKeyTellsItsRowsNameAndBeginsWithItsUnit) {
  const auto key = ledger_key(account, session, row().name);
  EXPECT_TRUE(key.starts_with(unit_prefix(account, session)));
  const auto name = ledger_name_of(key);
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, row().name);
  EXPECT_FALSE(ledger_name_of("a/b"));
  EXPECT_FALSE(ledger_name_of("a/b/c/d/note/9f/x"));
}

TEST(DeliveryLedger, AStateOfANewerReleaseIsNotGuessedAt) {
  auto message = to_wire(row(), account, session);
  message.set_state(static_cast<v1::LedgerRow::State::Value>(50));
  EXPECT_EQ(from_wire(message).error().cause, Cause::NeedsNewerStage);
}

}  // namespace
}  // namespace aftercall::wire
