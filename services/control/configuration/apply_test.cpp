#include "control/configuration/apply.hpp"

#include <gmock/gmock.h>

#include "policy/digest.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string key_text = "akeythatislongenough1";

class Apply : public testing::Test {
 protected:
  Surroundings around() {
    return {instant_of(1'000'000),
            {},
            crm::find,
            [this](const TenantId&, const ConnectionId&) { return stored; },
            [](std::size_t count) { return std::string(count, 'r'); }};
  }
  Decision apply(const Wanted& wanted) { return decide(directory, wanted, around()); }

  // Decides and makes the directory as it was decided.
  Decision carry_out(const Wanted& wanted) {
    Decision decision = apply(wanted);
    EXPECT_THAT(decision.problems, IsEmpty());
    write(decision);
    return decision;
  }
  void write(const Decision& decision) {
    for (const auto& each : decision.writes) {
      wire::v1::TenantConfig message;
      message.set_version(each.version);
      if (each.value) std::visit([&](const auto& object) { set(message, object); }, *each.value);
      std::optional<std::string> value;
      if (each.value) value = message.SerializeAsString();
      directory.apply(Record{{"tenant.config", 0, offset++}, {}, each.name.key(), value, {}});
    }
    for (const auto& secret : decision.secrets) stored = secret.credentials;
  }
  static void set(wire::v1::TenantConfig& message, const Tenant& tenant) {
    *message.mutable_tenant() = wire::to_wire(tenant);
  }
  static void set(wire::v1::TenantConfig& message, const Source& source) {
    *message.mutable_source() = wire::to_wire(source);
  }
  static void set(wire::v1::TenantConfig& message, const Connection& connection) {
    *message.mutable_connection() = wire::to_wire(connection);
  }

  static WantedTenant tenant(const std::string& id = "acme") {
    WantedTenant wanted;
    wanted.tenant.id = TenantId(id);
    wanted.tenant.domains = {"acme.example"};
    wanted.tenant.region = "SE";
    return wanted;
  }
  static WantedSource source(const std::string& id = "zoom", const std::string& key = key_text) {
    WantedSource wanted;
    wanted.source.tenant = TenantId("acme");
    wanted.source.id = SourceId(id);
    wanted.keys = {Secret(key)};
    return wanted;
  }
  static WantedConnection connection() {
    WantedConnection wanted;
    wanted.connection.tenant = TenantId("acme");
    wanted.connection.id = ConnectionId("crm");
    wanted.connection.crm = "dynamics365";
    wanted.connection.url = "https://contoso.crm4.dynamics.com/main.aspx";
    wanted.connection.settings = {{"sign_in_tenant", "contoso.example"}};
    wanted.credentials = {"app", Secret("the client secret")};
    return wanted;
  }

  tenancy::Directory directory;
  std::optional<crm::Credentials> stored;
  std::int64_t offset = 0;
};

TEST_F(Apply, MakesATenantItsSourceAndItsConnectionAtOnce) {
  const Decision made = carry_out({{tenant()}, {source()}, {connection()}});
  EXPECT_THAT(made.changes, SizeIs(3));
  EXPECT_EQ(directory.source_by_key_hash(sha256_hex(key_text))->id, SourceId("zoom"));
  const auto crm = directory.connection(TenantId("acme"), ConnectionId("crm"));
  EXPECT_EQ(crm->url, "https://contoso.crm4.dynamics.com");
  EXPECT_EQ(crm->status, ConnectionStatus::SetupIncomplete);
}

TEST_F(Apply, ChangesNothingTheSecondTime) {
  carry_out({{tenant()}, {source()}, {connection()}});
  const Decision again = apply({{tenant()}, {source()}, {connection()}});
  for (const auto& change : again.changes) EXPECT_EQ(change.what, Change::What::Unchanged);
  EXPECT_THAT(again.writes, IsEmpty());
  EXPECT_THAT(again.secrets, IsEmpty());
  EXPECT_THAT(again.audit, IsEmpty());
}

TEST_F(Apply, NamesEveryProblemAndThenWritesNothing) {
  WantedTenant odd = tenant("Acme!");
  odd.tenant.domains = {"ACME"};
  odd.tenant.region = "Sweden";
  WantedSource lost = source("zoom", "short");
  lost.source.tenant = TenantId("nobody");
  WantedConnection wrong = connection();
  wrong.connection.url = "https://evil.example";
  wrong.connection.settings = {};
  wrong.credentials = {};
  const Decision decision = apply({{odd, tenant()}, {lost}, {wrong}});
  std::vector<std::string> fields;
  for (const auto& problem : decision.problems) fields.push_back(problem.name.kind + "." + problem.field);
  EXPECT_THAT(fields,
              ElementsAre("tenant.id", "tenant.domains", "tenant.region", "source.tenant", "source.keys",
                          "connection.url", "connection.settings", "connection.credentials"));
  EXPECT_EQ(decision.problems.back().message, "missing: client_id, client_secret");
  EXPECT_THAT(decision.writes, IsEmpty());
  EXPECT_THAT(decision.secrets, IsEmpty());
}

TEST_F(Apply, RefusesAStaleUpdate) {
  carry_out({{tenant()}, {}, {}});
  WantedTenant changed = tenant();
  changed.tenant.paused = true;
  changed.expected = 0;
  EXPECT_THAT(apply({{changed}, {}, {}}).problems, Contains(Field(&Problem::stale, true)));
  changed.expected = 1;
  carry_out({{changed}, {}, {}});
  EXPECT_THAT(apply({{changed}, {}, {}}).problems, Contains(Field(&Problem::stale, true)));
}

TEST_F(Apply, MakesThePseudonymKeyOnceAndKeepsIt) {
  carry_out({{tenant()}, {}, {}});
  EXPECT_EQ(directory.tenant(TenantId("acme"))->pseudonym_key, std::string(32, 'r'));
  WantedTenant changed = tenant();
  changed.tenant.name = "Acme AB";
  carry_out({{changed}, {}, {}});
  EXPECT_EQ(directory.tenant(TenantId("acme"))->pseudonym_key, std::string(32, 'r'));
  changed.tenant.pseudonym_key = "mine";
  EXPECT_THAT(apply({{changed}, {}, {}}).problems, SizeIs(1));
}

TEST_F(Apply, KeepsASourcesKeysWhenNoneAreGivenAndMakesOneWhenAsked) {
  carry_out({{tenant()}, {source()}, {}});
  WantedSource renamed = source();
  renamed.keys.clear();
  renamed.source.name = "Zoom";
  carry_out({{}, {renamed}, {}});
  EXPECT_TRUE(directory.source_by_key_hash(sha256_hex(key_text)));
  WantedSource fresh = source("teams");
  fresh.keys.clear();
  EXPECT_THAT(apply({{}, {fresh}, {}}).problems, SizeIs(1));
  fresh.generate_key = true;
  const Decision made = carry_out({{}, {fresh}, {}});
  const Secret key = made.changes.front().generated_key;
  EXPECT_EQ(directory.source_by_key_hash(sha256_hex(key.reveal()))->id, SourceId("teams"));
}

TEST_F(Apply, AKeyIsOneSourcesOnly) {
  EXPECT_THAT(apply({{tenant()}, {source("a"), source("b")}, {}}).problems, SizeIs(1));
  carry_out({{tenant()}, {source("a")}, {}});
  EXPECT_THAT(apply({{}, {source("b")}, {}}).problems, SizeIs(1));
}

TEST_F(Apply, AConnectionThatMovesMustBeConnectedAgainButANewSecretAloneLeavesItConnected) {
  carry_out({{tenant()}, {}, {connection()}});
  Connection connected = *directory.connection(TenantId("acme"), ConnectionId("crm"));
  connected.status = ConnectionStatus::Connected;
  connected.account = CrmAccount("dynamics365:org");
  write(decide_update(directory, connected, "connection.connect"));
  WantedConnection rotated = connection();
  rotated.credentials.client_secret = Secret("the next secret");
  const Decision secret = carry_out({{}, {}, {rotated}});
  EXPECT_THAT(secret.writes, IsEmpty());
  EXPECT_THAT(secret.secrets, SizeIs(1));
  WantedConnection moved = connection();
  moved.connection.url = "https://other.crm4.dynamics.com";
  carry_out({{}, {}, {moved}});
  EXPECT_EQ(directory.connection(TenantId("acme"), ConnectionId("crm"))->status,
            ConnectionStatus::ReconnectNeeded);
}

TEST_F(Apply, TheSameFileAgainDoesNotBringBackARefreshTokenThatWasReplaced) {
  WantedConnection by_person = connection();
  by_person.connection.settings["sign_in"] = "oauth";
  EXPECT_THAT(apply({{tenant()}, {}, {by_person}}).problems,
              Contains(Field(&Problem::message, "missing: refresh_token")));
  by_person.credentials.refresh_token = Secret("given");
  carry_out({{tenant()}, {}, {by_person}});
  stored->refresh_token = Secret("came by refreshing");
  EXPECT_THAT(apply({{}, {}, {by_person}}).secrets, IsEmpty());
  stored->refresh_token.reset();  // disconnected since
  EXPECT_THAT(apply({{}, {}, {by_person}}).secrets, SizeIs(1));
  by_person.credentials.refresh_token = Secret("another");
  carry_out({{}, {}, {by_person}});
  EXPECT_EQ(stored->refresh_token, Secret("another"));
}

TEST_F(Apply, TheAuditShowsNoSecret) {
  const Decision made = apply({{tenant()}, {source()}, {connection()}});
  EXPECT_THAT(made.audit, SizeIs(4));
  for (const auto& entry : made.audit) {
    EXPECT_THAT(entry.after, Not(HasSubstr("secret")));
    EXPECT_THAT(entry.after, Not(HasSubstr(sha256_hex(key_text))));
    EXPECT_THAT(entry.after, Not(HasSubstr("pseudonym")));
  }
}

TEST_F(Apply, DeletesATenantOnlyWhenNothingIsLeftOfIt) {
  carry_out({{tenant()}, {source()}, {connection()}});
  const Name acme{"tenant", TenantId("acme"), "acme"};
  EXPECT_EQ(decide_removal(directory, acme, {}).error().cause, Cause::Rejected);
  write(*decide_removal(directory, {"source", TenantId("acme"), "zoom"}, {}));
  const auto crm = decide_removal(directory, {"connection", TenantId("acme"), "crm"}, {});
  EXPECT_THAT(crm->secrets, SizeIs(1));
  write(*crm);
  EXPECT_EQ(decide_removal(directory, acme, 7).error().cause, Cause::Rejected);
  EXPECT_TRUE(decide_removal(directory, acme, 1));
  EXPECT_EQ(decide_removal(directory, {"tenant", TenantId("x"), "x"}, {}).error().cause, Cause::NotFound);
}

}  // namespace
}  // namespace aftercall::control
