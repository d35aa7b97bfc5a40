#include "tenancy/directory.hpp"

#include <gmock/gmock.h>

#include "wire/tenant_config.hpp"

namespace aftercall::tenancy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::NotNull;

const TenantId acme{"acme"};
const CrmAccount org{"dynamics365:org"};

class Topic {
 public:
  template <class Fill>
  Record record(std::string key, std::int64_t epoch, Fill fill) {
    wire::v1::TenantConfig message;
    message.set_owner_epoch(epoch);
    message.set_version(++version_);
    fill(message);
    return at_end(std::move(key), message.SerializeAsString());
  }
  Record at_end(std::string key, std::optional<std::string> value, Headers headers = {}) {
    return Record{{"tenant.config", 0, offset_++}, {}, std::move(key), std::move(value), std::move(headers)};
  }

 private:
  std::int64_t offset_ = 0;
  std::int64_t version_ = 0;
};

Record tenant(Topic& topic, bool paused, std::int64_t epoch = 1) {
  return topic.record("acme/tenant/acme", epoch, [&](auto& message) {
    message.mutable_tenant()->set_id("acme");
    message.mutable_tenant()->set_paused(paused);
  });
}

Record source(Topic& topic, const std::string& id, const std::string& hash) {
  return topic.record("acme/source/" + id, 1, [&](auto& message) {
    message.mutable_source()->set_tenant("acme");
    message.mutable_source()->set_id(id);
    message.mutable_source()->add_key_hashes(hash);
  });
}

Record connection(Topic& topic, const std::string& id, ConnectionStatus status,
                  const CrmAccount& account = org) {
  return topic.record("acme/connection/" + id, 1, [&](auto& message) {
    Connection made{
        acme, ConnectionId(id), "dynamics365", "https://x.crm4.dynamics.com", account, status, "", {}, {},
        {}};
    *message.mutable_connection() = wire::to_wire(made);
  });
}

TEST(Directory, FindsASourceByItsKeyAndForgetsAReplacedKey) {
  Topic topic;
  Directory directory;
  directory.apply(source(topic, "zoom", "h1"));
  ASSERT_THAT(directory.source_by_key_hash("h1"), NotNull());
  EXPECT_EQ(directory.source_by_key_hash("h1")->id, SourceId("zoom"));
  directory.apply(source(topic, "zoom", "h2"));
  EXPECT_THAT(directory.source_by_key_hash("h1"), IsNull());
  EXPECT_THAT(directory.source_by_key_hash("h2"), NotNull());
}

TEST(Directory, ATombstoneRemoves) {
  Topic topic;
  Directory directory;
  directory.apply(source(topic, "zoom", "h1"));
  EXPECT_EQ(directory.apply(topic.at_end("acme/source/zoom", std::nullopt, {{"ac-owner-epoch", "1"}})),
            Applied::Changed);
  EXPECT_THAT(directory.source_by_key_hash("h1"), IsNull());
  EXPECT_EQ(directory.version_of("acme/source/zoom"), 0);
}

TEST(Directory, IgnoresWhatAReplacedOwnerWrote) {
  Topic topic;
  Directory directory;
  directory.apply(tenant(topic, false, 2));
  EXPECT_EQ(directory.apply(tenant(topic, true, 1)), Applied::Stale);
  EXPECT_FALSE(directory.tenant(acme)->paused);
  EXPECT_EQ(directory.apply(topic.at_end("acme/tenant/acme", std::nullopt)), Applied::Stale);
  EXPECT_THAT(directory.tenant(acme), NotNull());
}

TEST(Directory, AClaimRaisesTheEpochAndNamesTheOwner) {
  Topic topic;
  Directory directory;
  Record claim = topic.record(std::string(config_record::owner_key), 7, [](auto&) {});
  claim.headers = {{"ac-owner", "10.0.0.2:9090"}};
  EXPECT_EQ(directory.apply(claim), Applied::Changed);
  EXPECT_EQ(directory.owner_epoch(), 7);
  EXPECT_EQ(directory.owner(), "10.0.0.2:9090");
}

TEST(Directory, OfTwoClaimsOfOneEpochTheFirstHasIt) {
  Topic topic;
  Directory directory;
  for (const std::string owner : {"first", "second"}) {
    Record claim = topic.record(std::string(config_record::owner_key), 7, [](auto&) {});
    claim.headers = {{"ac-owner", owner}};
    directory.apply(claim);
  }
  EXPECT_EQ(directory.owner(), "first");
}

TEST(Directory, PrefersTheNamedConnectionAndFallsBackToAHealthyOneOfTheSameAccount) {
  Topic topic;
  Directory directory;
  directory.apply(connection(topic, "anna", ConnectionStatus::Connected));
  directory.apply(connection(topic, "ben", ConnectionStatus::Connected));
  directory.apply(connection(topic, "other", ConnectionStatus::Connected, CrmAccount("dynamics365:other")));
  EXPECT_EQ((*directory.serving(org, ConnectionId("ben")))->id, ConnectionId("ben"));
  directory.apply(connection(topic, "ben", ConnectionStatus::ReconnectNeeded));
  EXPECT_EQ((*directory.serving(org, ConnectionId("ben")))->id, ConnectionId("anna"));
}

TEST(Directory, SaysWhatBlocksAnAccountWithoutAHealthyConnection) {
  Topic topic;
  Directory directory;
  EXPECT_EQ(directory.serving(org, {}).error().cause, Cause::NotAuthorized);
  directory.apply(connection(topic, "anna", ConnectionStatus::SetupIncomplete));
  EXPECT_EQ(directory.serving(org, {}).error().cause, Cause::SetupIncomplete);
  directory.apply(connection(topic, "anna", ConnectionStatus::ReconnectNeeded));
  EXPECT_EQ(directory.serving(org, {}).error().cause, Cause::NotAuthorized);
  directory.apply(connection(topic, "anna", ConnectionStatus::Connected));
  EXPECT_TRUE(directory.serving(org, {}));
  directory.apply(tenant(topic, true));
  EXPECT_EQ(directory.serving(org, {}).error().cause, Cause::Paused);
}

TEST(Directory, AnAccountThatWasNeverReadServesNobody) {
  Topic topic;
  Directory directory;
  directory.apply(connection(topic, "new", ConnectionStatus::Connected, CrmAccount()));
  EXPECT_THAT(directory.accounts(acme), IsEmpty());
  EXPECT_FALSE(directory.serving(CrmAccount(), ConnectionId("new")));
}

TEST(Directory, NamesEachAccountOnce) {
  Topic topic;
  Directory directory;
  directory.apply(connection(topic, "anna", ConnectionStatus::Connected));
  directory.apply(connection(topic, "ben", ConnectionStatus::Connected));
  EXPECT_THAT(directory.accounts(acme), ElementsAre(org));
  EXPECT_EQ(directory.holder(org), acme);
}

TEST(Directory, KeepsWhatItKnewWhenARecordMeansNothing) {
  Topic topic;
  Directory directory;
  directory.apply(tenant(topic, true));
  EXPECT_EQ(directory.apply(topic.at_end("acme/tenant/acme", "\xff\xff")), Applied::Malformed);
  EXPECT_EQ(directory.apply(topic.at_end("acme", "")), Applied::Malformed);
  Record elsewhere = tenant(topic, false);
  elsewhere.key = "other/tenant/other";
  EXPECT_EQ(directory.apply(elsewhere), Applied::Malformed);
  EXPECT_TRUE(directory.tenant(acme)->paused);
}

TEST(Directory, KeepsWhatItKnewWhenANewerReleaseSpeaks) {
  Topic topic;
  Directory directory;
  directory.apply(tenant(topic, true));
  const Record newer = topic.record("acme/tenant/acme", 1, [](auto& message) {
    message.mutable_tenant()->set_id("acme");
    message.mutable_tenant()->set_ambiguity(static_cast<wire::v1::Tenant::Ambiguity::Value>(99));
  });
  EXPECT_EQ(directory.apply(newer), Applied::NotKnown);
  EXPECT_TRUE(directory.tenant(acme)->paused);
}

TEST(Directory, SaysWhenARecordWasWritten) {
  Directory directory;
  Topic topic;
  Record written = tenant(topic, false);
  written.time = instant_of(5000);
  directory.apply(written);
  EXPECT_EQ(directory.written_at("acme/tenant/acme"), instant_of(5000));
  directory.apply(topic.at_end("acme/tenant/acme", std::nullopt, {{"ac-owner-epoch", "1"}}));
  EXPECT_EQ(directory.written_at("acme/tenant/acme"), Instant{});
}

}  // namespace
}  // namespace aftercall::tenancy
