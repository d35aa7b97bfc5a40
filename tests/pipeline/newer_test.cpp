// What a newer release sends: every stage passes on the fields that it does not know, and blocks what it
// would misread.
#include <gmock/gmock.h>

#include "aftercall/events/v1/session_finished.pb.h"
#include "bench.hpp"
#include "crm_writer/steps.hpp"
#include "formatter/format_unit.hpp"
#include "matcher/match_unit.hpp"
#include "wire/contact_matched.hpp"
#include "wire/note_ready.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr int future = 9999;  // a field, and an enum's value, that nobody knows today

// A CRM with one contact, who is whoever is asked for.
class OneContact final : public crm::Connector {
 public:
  static inline int puts = 0;
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question> questions, crm::Call) override {
    crm::Answers answers;
    for (const auto& question : questions) {
      crm::Answer answer;
      if (const auto* asked = std::get_if<crm::ContactsByEmail>(&question))
        answer.contacts.push_back({{"contact", "c1", "Anna", ""}, asked->emails.front(), {}, {}, {}});
      answers.each.emplace_back(std::move(answer));
    }
    co_return answers;
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put> all, crm::Call) override {
    crm::Writes writes;
    for (const auto& each : all) writes.each.emplace_back(crm::Written{each.key, "", {}, {}});
    ++puts;
    co_return writes;
  }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put, Instant, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind, std::string, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
};

std::unique_ptr<crm::Connector> make(const Connection&, crm::TokenSource, http::Client&) {
  return std::make_unique<OneContact>();
}
const crm::Entry entry{nullptr, nullptr, nullptr, nullptr, &make};

tenancy::Directory directory() {
  Tenant tenant;
  tenant.id = TenantId("acme");
  tenant.pseudonym_key = std::string(32, 'k');
  Connection connection;
  connection.tenant = tenant.id;
  connection.id = ConnectionId("main");
  connection.crm = "fake";
  connection.account = CrmAccount("dynamics365:1");
  connection.status = ConnectionStatus::Connected;
  connection.capabilities.keyed_writes = true;
  connection.capabilities.note_text_length = connection.capabilities.note_title_length = 1000;
  tenancy::Directory out;
  const auto apply = [&](std::string_view kind, std::string_view id, const wire::v1::TenantConfig& message) {
    Record record;
    record.key = tenancy::config_record::key(kind, tenant.id, id);
    record.value = message.SerializeAsString();
    out.apply(record);
  };
  wire::v1::TenantConfig first;
  *first.mutable_tenant() = wire::to_wire(tenant);
  apply(tenancy::config_record::tenant, "acme", first);
  wire::v1::TenantConfig second;
  *second.mutable_connection() = wire::to_wire(connection);
  apply(tenancy::config_record::connection, "main", second);
  return out;
}

template <class Message>
Message with_future_field(Message message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(future, "from the future");
  return message;
}

bool has_future_field(const google::protobuf::Message& message) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  return unknown.field_count() == 1 && unknown.field(0).number() == future;
}

v1::Session session() {
  v1::Session session;
  session.set_tenant("acme");
  session.set_source("src");
  session.set_session_id("s");
  session.set_title("Review");
  session.set_channel(v1::Channel::meeting);
  auto& guest = *session.add_participants();
  guest.set_name("Anna");
  guest.set_email("anna@contoso.example");
  session.mutable_summary()->set_text("They agreed.");
  return with_future_field(session);
}

asio::awaitable<Outcome> at_once(Outcome outcome) { co_return outcome; }

class Newer : public testing::Test {
 protected:
  Newer()
      : client_(bench_.io.get_executor(), {}),
        connectors_(
            client_, [](const Connection&) { return crm::TokenSource(); },
            [](std::string_view) { return &entry; }) {
    for (const auto topic : {wire::topic::note_ready, wire::topic::delivery_ledger})
      bench_.bus.create(bench_.settings.topics.of(topic), 1);
    producer_ = bench_.bus.producer({});
    OneContact::puts = 0;
  }

  void begin(const char* name, std::string_view input, std::vector<std::string> outputs) {
    bench_.settings.name = name;
    bench_.settings.input = input;
    bench_.settings.outputs = std::move(outputs);
  }
  void matcher() {
    begin("matcher", wire::topic::session_finished, {std::string(wire::topic::contact_matched)});
    bench_.steps.split = [this](const Record& record, const wire::Envelope& envelope) {
      return matcher::split(record, envelope, directory_);
    };
    bench_.steps.step = [this](Unit unit, Context context) {
      return matcher::match_unit(
          std::move(unit), std::move(context),
          {&directory_, &connectors_, {&remembered_, &in_flight_, &reread_, &unfinished_}});
    };
    bench_.start();
  }
  void formatter() {
    begin("formatter", wire::topic::contact_matched, {std::string(wire::topic::note_ready)});
    bench_.steps.split = [this](const Record& record, const wire::Envelope& envelope) {
      return formatter::split(record, envelope, directory_);
    };
    bench_.steps.step = [this](const Unit& unit, const Context& context) {
      return at_once(formatter::format_unit(unit, context, directory_));
    };
    bench_.start();
  }
  void writer() {
    begin("crm_writer", wire::topic::note_ready, {});
    auto opened = crm_writer::Ledger::open({}, bench_.bus, *producer_, bench_.settings.topics);
    ASSERT_TRUE(opened);
    ledger_ = std::move(*opened);
    bench_.steps = crm_writer::steps({&directory_, &connectors_, ledger_.get()});
    bench_.steps.on_assigned = [this](int partition, std::uint64_t) {
      return ledger_->restore(partition, truncate(std::chrono::system_clock::now()));
    };
    bench_.start();
  }
  void publish(const google::protobuf::Message& message) {
    bench_.publish({.session = "s", .tenant = "acme", .value = message.SerializeAsString()});
    bench_.advance(1s);
  }
  template <class Message>
  Message only(std::string_view topic) {
    Message message;
    const auto records = bench_.records(std::string(topic));
    EXPECT_THAT(records, SizeIs(1)) << topic;
    EXPECT_TRUE(records.size() == 1 && message.ParseFromString(*records[0].value));
    return message;
  }
  void expect_blocked(const std::string& stage) {
    const auto deferred = bench_.deferred();
    ASSERT_THAT(deferred, SizeIs(1));
    EXPECT_EQ(deferred[0].stage(), stage);
    EXPECT_EQ(deferred[0].kind(), v1::EventDeferred::Kind::blocked);
    EXPECT_EQ(deferred[0].cause(), name_of(Cause::NeedsNewerStage));
    EXPECT_THAT(bench_.settled(), IsEmpty());
    EXPECT_THAT(bench_.committed(), ElementsAre(Pair(0, 1)));
  }

  Bench bench_;
  http::Client client_;
  tenancy::Directory directory_ = directory();
  tenancy::Connectors connectors_;
  matcher::Remembered remembered_;
  matcher::InFlight in_flight_{bench_.io.get_executor()};
  matcher::Reread reread_;
  matcher::Unfinished unfinished_;
  std::unique_ptr<bus::Producer> producer_;
  std::unique_ptr<crm_writer::Ledger> ledger_;
};

v1::SessionFinished finished(v1::Session session) {
  v1::SessionFinished message;
  *message.mutable_session() = std::move(session);
  return message;
}
v1::ContactMatched matched(const v1::Session& session) {
  Matched match;
  match.account = CrmAccount("dynamics365:1");
  match.capabilities.note_text_length = match.capabilities.note_title_length = 1000;
  ParticipantMatch anna;
  anna.identity = "anna@contoso.example";
  anna.contact = CrmRecord{"contact", "c1", "Anna", ""};
  match.participants = {anna};
  return wire::contact_matched(session, match, false);
}
v1::NoteReady ready() {
  Plan plan;
  plan.session = {TenantId("acme"), SourceId("src"), SessionId("s")};
  plan.account = CrmAccount("dynamics365:1");
  plan.contents = {{"Review", "<p>They agreed.</p>", ""}};
  Artifact note;
  note.key = "k";
  note.slot = "anna@contoso.example";
  note.target.record = CrmRecord{"contact", "c1", "", ""};
  plan.artifacts = {note};
  return wire::note_ready(plan);
}
v1::Session of_a_future_channel() {
  auto from_there = session();
  from_there.set_channel(static_cast<v1::Channel::Value>(future));
  return from_there;
}

TEST_F(Newer, TheMatcherPassesTheFieldOn) {
  matcher();
  publish(with_future_field(finished(session())));
  const auto passed = only<v1::ContactMatched>(wire::topic::contact_matched);
  EXPECT_TRUE(has_future_field(passed.session()));
}
TEST_F(Newer, TheFormatterPassesTheFieldOn) {
  formatter();
  auto message = with_future_field(matched(session()));
  auto& anna = *message.mutable_participants(0);
  *anna.mutable_contact() = with_future_field(anna.contact());
  auto& account = *anna.mutable_account();
  account.set_type("account");
  account.set_id("a1");
  account = with_future_field(account);
  auto& left_out = *message.add_left_out();
  left_out.set_what("appointment");
  left_out.set_reason("none");
  left_out = with_future_field(left_out);
  message.mutable_capabilities()->set_accounts(true);
  publish(message);
  const auto passed = only<v1::NoteReady>(wire::topic::note_ready);
  ASSERT_EQ(passed.artifacts_size(), 2);
  ASSERT_EQ(passed.left_out_size(), 1);
  EXPECT_TRUE(has_future_field(passed.artifacts(0).target().record())) << "the contact";
  EXPECT_TRUE(has_future_field(passed.artifacts(1).target().record())) << "its account";
  EXPECT_TRUE(has_future_field(passed.left_out(0)));
}
TEST_F(Newer, TheFormatterPassesTheFieldOnWithWhatStandsBesideANote) {
  formatter();
  auto message = matched(session());
  auto& deal = *message.mutable_deal();
  deal.set_type("deal");
  deal.set_id("d1");
  deal = with_future_field(deal);
  message.mutable_capabilities()->set_one_note(true);
  message.mutable_capabilities()->set_deals(true);
  publish(message);
  const auto passed = only<v1::NoteReady>(wire::topic::note_ready);
  ASSERT_EQ(passed.artifacts_size(), 1);
  ASSERT_EQ(passed.artifacts(0).beside_size(), 1);
  EXPECT_TRUE(has_future_field(passed.artifacts(0).beside(0).record()));
}
TEST_F(Newer, TheWriterIsNotDisturbedByTheField) {
  writer();
  auto message = ready();
  *message.mutable_artifacts(0) = with_future_field(message.artifacts(0));
  publish(with_future_field(message));
  EXPECT_EQ(only<v1::SessionSettled>(wire::topic::session_settled).reason(), "written");
  EXPECT_EQ(OneContact::puts, 1);
}

TEST_F(Newer, TheMatcherBlocksAValueThatItDoesNotKnow) {
  matcher();
  publish(finished(of_a_future_channel()));
  expect_blocked("matcher");
}
TEST_F(Newer, TheFormatterBlocksAValueThatItDoesNotKnow) {
  formatter();
  publish(matched(of_a_future_channel()));
  expect_blocked("formatter");
}
TEST_F(Newer, TheWriterBlocksAnArtifactOfAKindThatItDoesNotKnow) {
  writer();
  auto message = ready();
  message.mutable_artifacts(0)->set_kind(static_cast<v1::Artifact::Kind::Value>(future));
  publish(message);
  expect_blocked("crm_writer");
  EXPECT_EQ(OneContact::puts, 0);
}
TEST_F(Newer, TheWriterBlocksARevisionOfAKindThatItDoesNotKnow) {
  writer();
  auto message = ready();
  message.mutable_revision()->set_kind(static_cast<v1::Revision::Kind::Value>(future));
  publish(message);
  expect_blocked("crm_writer");
}
TEST_F(Newer, TheWriterBlocksATargetOfAKindThatItDoesNotKnow) {
  writer();
  auto message = ready();
  *message.mutable_artifacts(0)->mutable_target() = with_future_field(v1::Target());
  publish(message);
  expect_blocked("crm_writer");
  EXPECT_EQ(OneContact::puts, 0);
}

}  // namespace
}  // namespace aftercall::stage::bench
