#include "matcher/match_unit.hpp"

#include <gmock/gmock.h>

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/session_finished.pb.h"
#include "wire/tenant_config.hpp"

namespace aftercall::matcher {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Instant connected = instant_of(1'800'000'000'000);

// A CRM in which Anna is. It lives in the test; connectors forward to it.
struct Crm {
  std::vector<ActivityType> types;
  int types_read = 0;
  Result<crm::Answer> deal{};
  std::size_t reads = 100;  // so many e-mails at most in one look
  Cause then = Cause::RateLimited;
  std::vector<std::string> asked;
};
Crm* the_crm = nullptr;

class Forwarding final : public crm::Connector {
 public:
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question> questions, crm::Call) override {
    crm::Answers answers;
    for (const auto& question : questions) {
      crm::Answer answer;
      if (const auto* asked = std::get_if<crm::ContactsByEmail>(&question)) read(*asked, answer);
      if (std::holds_alternative<crm::ActivityTypesNow>(question)) {
        ++the_crm->types_read;
        answer.activity_types = the_crm->types;
      }
      const bool deal = std::holds_alternative<crm::NewestDealOf>(question);
      answers.each.push_back(deal ? the_crm->deal : std::move(answer));
    }
    co_return answers;
  }
  static void read(const crm::ContactsByEmail& asked, crm::Answer& answer) {
    for (std::size_t i = 0; i < asked.emails.size(); ++i) {
      const auto& email = asked.emails[i];
      if (i >= the_crm->reads) {
        answer.unread.emplace(email, Failure{the_crm->then, "later", std::nullopt});
        continue;
      }
      the_crm->asked.push_back(email);
      if (email.starts_with("anna"))
        answer.contacts.push_back({{"contact", "c1", "Anna", ""}, email, {}, {}, {}});
    }
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put>, crm::Call) override { co_return crm::Writes{}; }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put, Instant, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind, std::string, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
};

std::unique_ptr<crm::Connector> make(const Connection&, crm::TokenSource, http::Client&) {
  return std::make_unique<Forwarding>();
}
const crm::Entry entry{nullptr, nullptr, nullptr, nullptr, &make};

tenancy::Directory directory(CreateContacts create = CreateContacts::Never) {
  Connection connection;
  connection.tenant = TenantId("acme");
  connection.id = ConnectionId("main");
  connection.crm = "fake";
  connection.account = CrmAccount("crm:1");
  connection.status = ConnectionStatus::Connected;
  connection.capabilities.activities = connection.capabilities.deals = true;
  connection.capabilities.read_at = connected;
  Tenant tenant;
  tenant.id = connection.tenant;
  tenant.create_contacts = create;
  wire::v1::TenantConfig first;
  *first.mutable_tenant() = wire::to_wire(tenant);
  wire::v1::TenantConfig second;
  *second.mutable_connection() = wire::to_wire(connection);
  tenancy::Directory out;
  const auto apply = [&](std::string_view kind, std::string_view id, const wire::v1::TenantConfig& message) {
    Record record;
    record.key = tenancy::config_record::key(kind, tenant.id, id);
    record.value = message.SerializeAsString();
    out.apply(record);
  };
  apply(tenancy::config_record::tenant, "acme", first);
  apply(tenancy::config_record::connection, "main", second);
  return out;
}

class MatchUnit : public testing::Test {
 protected:
  MatchUnit()
      : client_(context_.get_executor(), {}),
        connectors_(
            client_, [](const Connection&) { return crm::TokenSource(); },
            [](std::string_view) { return &entry; }) {
    the_crm = &crm_;
  }

  // A conversation of type "Demo", at this time, in its first or a later try.
  stage::Outcome match(Instant at, int tries = 0) {
    wire::v1::SessionFinished message;
    auto& session = *message.mutable_session();
    session.set_tenant("acme");
    session.set_source("src");
    session.set_session_id("s");
    session.set_channel(wire::v1::Channel::meeting);
    session.set_conversation_type("Demo");
    for (const auto& email : guests_) session.add_participants()->set_email(email);
    session.mutable_summary()->set_text("They agreed.");
    Record record;
    record.value = message.SerializeAsString();
    stage::Context context;
    context.envelope.tenant = TenantId("acme");
    context.envelope.tries = tries;
    context.envelope.id = "event";
    context.envelope.run = run_;
    context.now = at;
    context.deadline = std::chrono::steady_clock::now() + 10s;
    auto units = split(record, context.envelope, directory_);
    const World world{&directory_, &connectors_, {&remembered_, &in_flight_, &reread_, &unfinished_}};
    std::optional<stage::Outcome> out;
    context_.restart();
    asio::co_spawn(context_, match_unit(std::move(units->at(0)), std::move(context), world),
                   [&](const std::exception_ptr& thrown, stage::Outcome outcome) {
                     if (thrown) std::rethrow_exception(thrown);
                     out = std::move(outcome);
                   });
    context_.run();
    return std::move(*out);
  }
  std::vector<std::string> types_known(Instant at) {
    wire::v1::ContactMatched message;
    std::vector<std::string> names;
    if (const auto outcome = match(at); message.ParseFromString(std::get<stage::Emit>(outcome).value))
      for (const auto& type : message.capabilities().activity_types()) names.push_back(type.name());
    return names;
  }

  Crm crm_;
  std::vector<std::string> guests_{"anna@contoso.example"};
  std::string run_;
  asio::io_context context_;
  http::Client client_;
  tenancy::Directory directory_ = directory();
  tenancy::Connectors connectors_;
  Remembered remembered_;
  InFlight in_flight_{context_.get_executor()};
  Reread reread_;
  Unfinished unfinished_;
};

TEST_F(MatchUnit, AnActivityTypeThatIsNewIsUsedFiveMinutesLaterWithoutAReconnect) {
  auto at = connected;
  for (; at <= connected + 2h; at += 1min) EXPECT_THAT(types_known(at), IsEmpty());
  EXPECT_EQ(crm_.types_read, 24) << "every five minutes, however long nobody made it";
  crm_.types = {{"Demo", "demo"}};
  EXPECT_THAT(types_known(connected + 2h + 4min), IsEmpty());
  EXPECT_THAT(types_known(connected + 2h + 5min), ElementsAre("Demo"));
  crm_.types.clear();
  EXPECT_THAT(types_known(connected + 2h + 14min), ElementsAre("Demo"));
  EXPECT_THAT(types_known(connected + 2h + 15min), IsEmpty()) << "somebody put it out of use";
}

TEST_F(MatchUnit, ATryThatALimitCutShortGoesOnFromThereHoweverManyPeopleThereAre) {
  guests_.clear();
  for (int i = 0; i < 9; ++i) guests_.push_back("guest" + std::to_string(i) + "@contoso.example");
  guests_.insert(guests_.begin(), "anna@contoso.example");
  crm_.reads = 3;
  for (const auto* const run :
       {"", "resent", "resent again"}) {  // nobody else's answers are taken, nor older
    run_ = run;
    remembered_ = {};  // answers of "nobody" live for seconds
    crm_.asked.clear();
    for (int i = 0; i < 3; ++i) {
      const auto cut_short = match(connected);
      ASSERT_TRUE(std::holds_alternative<stage::Failed>(cut_short)) << run << i;
      EXPECT_EQ(std::get<stage::Failed>(cut_short).failure.cause, Cause::RateLimited);
      remembered_ = {};
    }
    EXPECT_TRUE(std::holds_alternative<stage::Emit>(match(connected))) << run;
    EXPECT_THAT(crm_.asked, testing::UnorderedElementsAreArray(guests_)) << "each once";
  }
}

TEST_F(MatchUnit, WhoeverIsCreatedIsLookedForFromTheFirstTryOn) {
  directory_ = directory(CreateContacts::Always);
  guests_ = {"bo@contoso.example", "cy@contoso.example"};
  crm_.reads = 1;
  EXPECT_TRUE(std::holds_alternative<stage::Failed>(match(connected)));
  const auto outcome = match(connected + 4min);
  wire::v1::ContactMatched message;
  ASSERT_TRUE(message.ParseFromString(std::get<stage::Emit>(outcome).value));
  ASSERT_TRUE(message.participants(0).create());
  const auto& looked_at = message.participants(0).looked_at();
  EXPECT_LE(looked_at.seconds(), connected.time_since_epoch() / 1s);
}

TEST_F(MatchUnit, ATryGoesOnWhereSomethingTransientCutTheLastShort) {
  for (const auto cause : {Cause::RateLimited, Cause::Timeout, Cause::ServerError}) {
    unfinished_ = {};
    crm_.asked.clear();
    guests_ = {"anna@contoso.example", "bo@contoso.example"};
    crm_.reads = 1;
    crm_.then = cause;
    EXPECT_TRUE(std::holds_alternative<stage::Failed>(match(connected)));
    crm_.reads = 2;
    remembered_ = {};
    EXPECT_TRUE(std::holds_alternative<stage::Emit>(match(connected)));
    EXPECT_THAT(crm_.asked, ElementsAre("anna@contoso.example", "bo@contoso.example")) << name_of(cause);
    remembered_ = {};
  }
}

TEST_F(MatchUnit, ATryThatARefusalEndedIsNotGoneOnWith) {
  guests_ = {"anna@contoso.example", "bo@contoso.example"};
  crm_.reads = 1;
  crm_.then = Cause::NotPermitted;
  EXPECT_TRUE(std::holds_alternative<stage::Failed>(match(connected)));
  crm_.reads = 2;
  remembered_ = {};
  EXPECT_TRUE(std::holds_alternative<stage::Emit>(match(connected)));
  EXPECT_THAT(crm_.asked, ElementsAre("anna@contoso.example", "anna@contoso.example", "bo@contoso.example"));
}

TEST_F(MatchUnit, ADealIsWaitedForWhileItsAccountRestsAndElseOnce) {
  crm_.deal = fail(Cause::RateLimited, "429");
  const auto outcome = match(connected, 3);
  const auto* limited = std::get_if<stage::Failed>(&outcome);
  ASSERT_NE(limited, nullptr);
  EXPECT_EQ(limited->failure.cause, Cause::RateLimited);
  crm_.deal = fail(Cause::ServerError, "503");
  EXPECT_TRUE(std::holds_alternative<stage::Failed>(match(connected)));
  EXPECT_TRUE(std::holds_alternative<stage::Emit>(match(connected, 1)));
}

}  // namespace
}  // namespace aftercall::matcher
