#include "control/sign_in/vault.hpp"

#include <gtest/gtest.h>

#include "control/configuration/records.hpp"

namespace aftercall::control {
namespace {

const TenantId acme("acme");
const ConnectionId crm("crm");
const std::string key = secret_key(acme, crm);

class VaultTest : public testing::Test {
 protected:
  tenancy::Applied apply(const Draft& draft) {
    return vault.apply(Record{{"tenant.secret", 0, ++offset}, {}, draft.key, draft.value, draft.headers});
  }
  Draft stored(std::int64_t epoch, const std::string& client = "app") const {
    const auto sealed = vault.seal(acme, crm, {client, Secret("s")});
    return secret_draft({}, key, *sealed, epoch);
  }

  Vault vault{*KeyRing::of({{"test", Secret(std::string(32, 'k'))}})};
  std::int64_t offset = 0;
};

TEST_F(VaultTest, HoldsWhatWasStoredLastUntilItIsRemoved) {
  apply(stored(1, "first"));
  EXPECT_EQ(apply(stored(2, "second")), tenancy::Applied::Changed);
  EXPECT_EQ(vault.credentials(acme, crm)->client_id, "second");
  EXPECT_EQ(apply(secret_removal({}, key, 2)), tenancy::Applied::Changed);
  EXPECT_FALSE(vault.holds(acme, crm));
}

TEST_F(VaultTest, KnowsWhenASecretWasStoredLast) {
  EXPECT_EQ(vault.stored_at(acme, crm), std::nullopt);
  const Draft draft = stored(1);
  vault.apply(Record{{"tenant.secret", 0, 1}, instant_of(7'000), draft.key, draft.value, draft.headers});
  EXPECT_EQ(vault.stored_at(acme, crm), instant_of(7'000));
}

TEST_F(VaultTest, KeepsEveryKindOfCredential) {
  const crm::Credentials all{"app", Secret("s"), Secret("refresh-2"), Secret("api"), Secret("refresh-1")};
  apply(secret_draft({}, key, *vault.seal(acme, crm, all), 1));
  EXPECT_TRUE(*vault.credentials(acme, crm) == all);
}

TEST_F(VaultTest, BelievesNoReplacedOwnerNeitherWhatItStoresNorWhatItRemoves) {
  apply(stored(2, "ours"));
  EXPECT_EQ(apply(stored(1, "late")), tenancy::Applied::Stale);
  EXPECT_EQ(apply(secret_removal({}, key, 1)), tenancy::Applied::Stale);
  ASSERT_TRUE(vault.holds(acme, crm));
  EXPECT_EQ(vault.credentials(acme, crm)->client_id, "ours");
}

TEST_F(VaultTest, LearnsOfANewOwnerByItsHeartbeatAndByARemoval) {
  apply(stored(1));
  EXPECT_EQ(apply(heartbeat_draft({}, 2)), tenancy::Applied::Changed);
  EXPECT_EQ(apply(secret_removal({}, key, 1)), tenancy::Applied::Stale);
  EXPECT_EQ(apply(secret_removal({}, key, 3)), tenancy::Applied::Changed);
  EXPECT_EQ(apply(stored(2)), tenancy::Applied::Stale);
  EXPECT_FALSE(vault.holds(acme, crm));
}

}  // namespace
}  // namespace aftercall::control
