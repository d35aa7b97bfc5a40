#include "crm_writer/producers_for_tests.hpp"
#include "crm_writer/writer_for_tests.hpp"

#include <gmock/gmock.h>

#include <utility>

#include "domain/utf8.hpp"
#include "identity/pseudonym.hpp"
#include "view/test_full_disk.hpp"
#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer {
namespace {

using testing::SizeIs;

// A CRM with keyed writes that can be told to misbehave. It lives in the test; connectors forward to it.
struct FakeCrm {
  std::map<std::string, std::string> notes;  // id -> text
  int calls = 0;
  std::chrono::steady_clock::time_point deadline;  // of the last one
  bool repeats = false;  // its requests are sent twice, since the first gets no answer
  std::size_t longest = 1000;
  std::optional<Failure> answer_lost;  // the next put is carried out and answered so
  std::optional<Failure> undescribed;  // why its limits cannot be read now
  std::function<void()> meanwhile;     // happens while a request is on its way

  Result<crm::Written> put(const crm::Put& put) {
    if (utf16_length(put.content.html) > longest) return fail(Cause::TooLong, "too long");
    if (put.mode == crm::Mode::Create && notes.contains(put.key))
      return crm::Written{put.key, "link", crm::Written::How::Existed, std::nullopt};
    if (put.mode == crm::Mode::Update && !notes.contains(put.id)) return fail(Cause::NotFound, "gone");
    const auto id = put.mode == crm::Mode::Create ? put.key : put.id;
    notes[id] = put.content.html;
    if (answer_lost) return tl::unexpected(*std::exchange(answer_lost, std::nullopt));
    return crm::Written{
        id, "link", put.mode == crm::Mode::Create ? crm::Written::How::Created : crm::Written::How::Updated,
        std::nullopt};
  }
};

FakeCrm* the_crm = nullptr;

class Forwarding final : public crm::Connector {
 public:
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override {
    if (the_crm->undescribed) co_return tl::unexpected(*the_crm->undescribed);
    crm::Description description;
    description.capabilities.note_text_length = the_crm->longest;
    description.capabilities.note_title_length = 100;
    description.spent = {4, 24};
    co_return description;
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question>, crm::Call) override {
    co_return crm::Answers{};
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put> puts, crm::Call call) override {
    crm::Writes writes;
    ++the_crm->calls;
    the_crm->deadline = call.deadline;
    writes.spent.requests = 1;
    writes.repeated = the_crm->repeats;
    if (the_crm->meanwhile) the_crm->meanwhile();
    for (const auto& each : puts) writes.each.push_back(the_crm->put(each));
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
  return std::make_unique<Forwarding>();
}

const crm::Entry entry{nullptr, nullptr, nullptr, nullptr, &make};

class WriteUnit : public WriterTest {
 protected:
  WriteUnit() : WriterTest(entry, true) { the_crm = &crm_; }
  FakeCrm crm_;
};

class WriteUnitOnDisk : public WriteUnit {
 protected:
  WriteUnitOnDisk() {
    view_ = std::filesystem::temp_directory_path() / ("aftercall-ledger-" + std::to_string(getpid()));
    clean();
    begin_anew();
  }
  ~WriteUnitOnDisk() override { clean(); }
  void clean() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(view_.string() + end);
  }
};

const Artifact anna = note_on("c1", "anna");

TEST_F(WriteUnit, WritesOnceAndFindsItsOwnTracesAfterARestart) {
  EXPECT_EQ(reason(write(plan_of({anna}))), "written");
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there");
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there");
  EXPECT_EQ(crm_.calls, 1);
  EXPECT_THAT(crm_.notes, SizeIs(1));
}

TEST_F(WriteUnitOnDisk, AViewGoesOnWhereItStoodAndMayBeDeleted) {
  write(plan_of({anna}));
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there");
  ledger_.reset();
  clean();
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there");
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "updated");
  EXPECT_EQ(crm_.calls, 2);
}

TEST_F(WriteUnitOnDisk, NothingIsWrittenByAViewThatFoundNoRoomUntilARestart) {
  auto other = plan_of({note_on("c2", "bert")});
  other.session.session = SessionId("2");
  {
    const view::FullDisk full;
    EXPECT_EQ(reason(write(plan_of({anna}))), "written") << "Kafka has the row";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    context_.restart();
    while (!ledger_->lost() && std::chrono::steady_clock::now() < deadline) context_.run_one_until(deadline);
    EXPECT_THAT(ledger_->lost().value_or(""),
                testing::HasSubstr("make room in " + view_.parent_path().string()));
  }
  for (const auto& plan : {plan_of({anna}, 2, "second"), other})
    EXPECT_EQ(reason(write(plan)), "unreachable") << "it may lack rows";
  EXPECT_EQ(crm_.calls, 1);
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there");
  EXPECT_EQ(reason(write(other)), "written");
}

TEST_F(WriteUnitOnDisk, AStepThatMeetsTheDisksTroubleFailsAndLeavesAnEndInOrder) {
  {
    auto another = view::Database::open(view_, Ledger::schema());
    another->transaction([&] { EXPECT_EQ(reason(write(plan_of({anna}))), "unreachable"); });
  }
  EXPECT_TRUE(ledger_->lost());
  EXPECT_FALSE(run(ledger_->restore(0, the_time)));
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}))), "already there") << "its row was acked";
  EXPECT_EQ(crm_.calls, 1);
}

TEST_F(WriteUnit, AnOldOwnersRowIsNotBelieved) {
  write(plan_of({anna}, 1, "first"));
  begin_anew();  // a new owner, of a higher generation
  write(plan_of({anna}, 2, "second"));
  auto stale = row_of(plan_of({anna}, 1, "first"), anna, LedgerRow::State::DeletedByPerson);
  stale.generation = 1;
  Draft draft;
  draft.topic = names_.of(wire::topic::delivery_ledger);
  draft.partition = 0;
  const auto plan = plan_of({anna});
  const auto pseudonyms = identity::Pseudonyms::under(std::string(32, 'k'));
  stale.name.slot_hash = pseudonyms->of(anna.slot);
  draft.key = wire::ledger_key(plan.account, plan.session, stale.name);
  draft.value = wire::to_wire(stale, plan.account, plan.session).SerializeAsString();
  const auto acked = run(producer_->publish(std::move(draft)));
  ASSERT_TRUE(acked);
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
}

TEST_F(WriteUnit, ALedgerWithOtherPartitionsThanItsEventsIsRefused) {
  wire::TopicNames others;
  others.version = "v2";
  bus_.create(others.of(wire::topic::delivery_ledger), 2);
  bus_.create(others.of(wire::topic::note_ready), 1);
  auto opened = Ledger::open({}, bus_, *producer_, others);
  ASSERT_TRUE(opened);
  const auto restored = run((*opened)->restore(0, instant_of(0)));
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().cause, Cause::SetupIncomplete);
}

TEST_F(WriteUnit, SeveralRecordsGoOutInOneCall) {
  write(plan_of({anna, note_on("c2", "bo"), note_on("a1", "account:a1", false)}));
  EXPECT_EQ(crm_.calls, 1);
  EXPECT_THAT(crm_.notes, SizeIs(3));
}

TEST_F(WriteUnit, ADryRunNamesEachPutAndTouchesNeitherTheCrmNorTheLedger) {
  auto plan = plan_of({anna, note_on("c2", "bo")});
  write(plan_of({anna}));
  const auto rows = bus_.records(names_.of(wire::topic::delivery_ledger), 0).size();
  const auto outcome = write(plan, false);
  EXPECT_EQ(reason(outcome), "would be written");
  const auto& artifacts = std::get<stage::Settle>(outcome).settled.artifacts;
  ASSERT_THAT(artifacts, SizeIs(2));
  EXPECT_EQ(artifacts[0].state, ArtifactState::State::AlreadyThere) << "the ledger is read";
  EXPECT_EQ(artifacts[1].reason, "would be created: " + plan.contents[0].title);
  EXPECT_EQ(crm_.calls, 1);
  EXPECT_THAT(crm_.notes, SizeIs(1));
  EXPECT_THAT(bus_.records(names_.of(wire::topic::delivery_ledger), 0), SizeIs(rows));
}

TEST_F(WriteUnit, AnAnswerThatWasLostLeavesOneRecordWithTheNewestText) {
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  EXPECT_EQ(reason(write(plan_of({anna}, 1, "first"))), "timeout");
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "updated");
  ASSERT_THAT(crm_.notes, SizeIs(1));
  EXPECT_EQ(crm_.notes.begin()->second, "second");
  EXPECT_EQ(reason(write(plan_of({anna}, 1, "first"))), "superseded");
  EXPECT_EQ(crm_.notes.begin()->second, "second");
}

TEST_F(WriteUnit, AfterAnUnansweredUpdateAnotherRevisionRests) {
  write(plan_of({anna}, 1, "first"));
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "timeout");
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced");
  the_time += std::chrono::seconds(31);
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
  EXPECT_EQ(crm_.notes.begin()->second, "third");
}

TEST_F(WriteUnit, TheRestHoldsAlsoWhenTheRepetitionWasAnswered) {
  write(plan_of({anna}, 1, "first"));
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  write(plan_of({anna}, 2, "second"));
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "updated");  // again, in place
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced") << "the first request may come late";
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced");
  the_time += std::chrono::seconds(31);
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
  EXPECT_EQ(reason(write(plan_of({anna}, 4, "fourth"))), "updated");
}

TEST_F(WriteUnit, TheRestHoldsAlsoWhenTheRequestWasSentTwiceWithinOneTry) {
  crm_.repeats = true;
  write(plan_of({anna}, 1, "first"));
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "updated") << "a create cannot come late";
  crm_.repeats = false;
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced");
  the_time += std::chrono::seconds(31);
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
}

TEST_F(WriteUnit, TheRestBeginsWhenTheAnswerFailedToCome) {
  write(plan_of({anna}, 1, "first"));
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  crm_.meanwhile = [] { the_time += std::chrono::seconds(30); };  // as long as a request may take
  write(plan_of({anna}, 2, "second"));
  crm_.meanwhile = nullptr;
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced");
}

TEST_F(WriteUnit, TheRestHoldsForANewOwnerWhenThePartitionWasLostDuringAnUpdate) {
  write(plan_of({anna}, 1, "first"));
  crm_.meanwhile = [this] { *ours_ = false; };
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "unreachable");
  crm_.meanwhile = nullptr;
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced") << "the second may come late";
  the_time += std::chrono::seconds(31);
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
}

TEST_F(WriteUnit, TheRestHoldsForANewOwnerAlsoWhenTheUpdateFollowedACreate) {
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  write(plan_of({anna}, 1, "first"));  // it is there, and the ledger does not know
  crm_.meanwhile = [this] { *ours_ = crm_.calls < 3; };
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "unreachable");
  EXPECT_EQ(crm_.calls, 3) << "a create, one more that finds the record there, and the update of that";
  crm_.meanwhile = nullptr;
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "paced");
  the_time += std::chrono::seconds(31);
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated");
}

TEST_F(WriteUnit, AfterARefusedUpdateTheLedgerSaysWhatItSaidBefore) {
  write(plan_of({anna}, 1, "first"));
  crm_.answer_lost = Failure{Cause::Rejected, "no"};
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "rejected");
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 1, "first"))), "already there");
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "updated") << "nothing can come late";
}

TEST_F(WriteUnit, NothingIsSentAgainOnceThePartitionIsSomebodyElses) {
  crm_.answer_lost = Failure{Cause::Timeout, "no answer"};
  write(plan_of({anna}, 1, "first"));  // it is there, and the ledger does not know
  crm_.notes.begin()->second = "what a new owner wrote";
  crm_.meanwhile = [this] { *ours_ = false; };
  EXPECT_EQ(reason(write(plan_of({anna}, 1, "first"))), "unreachable");
  EXPECT_EQ(crm_.notes.begin()->second, "what a new owner wrote");
}

TEST_F(WriteUnit, WhenKafkaWasAwayTheUnitGoesOnAndTheCrmHasItsTimeAllTheSame) {
  write(plan_of({anna}, 1, "first"));
  const auto kafka = std::move(producer_);
  auto refusing = std::make_unique<Refusing>(*kafka);
  auto& away = *refusing;
  producer_ = std::move(refusing);
  begin_anew();
  away.left = 1;
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "updated");
  EXPECT_GT(crm_.deadline, deadline_);
  ledger_.reset();
}

TEST_F(WriteUnit, AnAliasDoesNotMakeTheWriterForgetARecord) {
  const auto bert = note_on("c2", "bert");
  write(plan_of({anna, bert}, 1, "first"));
  ASSERT_EQ(crm_.notes.size(), 2U);
  auto both = anna;  // for a while both participants are one contact
  both.aliases = {{bert.key, bert.slot}};
  write(plan_of({both}, 2, "second"));
  write(plan_of({anna, bert}, 3, "third"));
  for (const auto& [key, text] : crm_.notes) EXPECT_THAT(text, testing::HasSubstr("third")) << key;
}

TEST_F(WriteUnit, WhereTheLedgerCannotBeReadNothingIsWrittenAndThePlaceIsNamed) {
  const auto plan = plan_of({anna}, 1);
  Draft garbage;
  garbage.topic = names_.of(wire::topic::delivery_ledger);
  garbage.key = wire::ledger_key(plan.account, plan.session, {"note", "of another", 0});
  garbage.value = "\xff is no row";
  garbage.partition = 0;
  ASSERT_TRUE(run(producer_->publish(std::move(garbage))));
  begin_anew();
  const auto outcome = write(plan);
  const auto* failed = std::get_if<stage::Failed>(&outcome);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(kind_of(failed->failure.cause), Kind::Permanent);
  EXPECT_THAT(failed->failure.detail, testing::HasSubstr("partition 0 offset 1"));
  EXPECT_THAT(crm_.notes, testing::IsEmpty());
  auto other = plan_of({anna}, 1);
  other.session.session = SessionId("2");
  EXPECT_EQ(reason(write(other)), "written") << "everybody else goes on";
}

TEST_F(WriteUnit, WhatAPersonDeletedStaysDeleted) {
  write(plan_of({anna}, 1, "first"));
  crm_.notes.clear();
  EXPECT_EQ(reason(write(plan_of({anna}, 2, "second"))), "deleted by a person");
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({anna}, 3, "third"))), "deleted by a person");
  EXPECT_THAT(crm_.notes, SizeIs(0));
}

TEST_F(WriteUnit, ALimitThatWasLoweredCutsOnceAndSaysSo) {
  crm_.longest = 200;
  const auto outcome = write(plan_of({anna}, 1, "<p>" + std::string(500, 'x') + "</p>"));
  const auto& settled = std::get<stage::Settle>(outcome).settled;
  EXPECT_EQ(settled.reason, "written");
  EXPECT_THAT(settled.artifacts.at(0).reason, testing::HasSubstr("shortened"));
  EXPECT_EQ(settled.spent, (Spent{1 + 4 + 1, 24}));
  EXPECT_LE(utf16_length(crm_.notes.begin()->second), 200U);
}

TEST_F(WriteUnit, WhoCannotReadTheLimitsAnewTriesAgainLater) {
  crm_.longest = 200;
  crm_.undescribed = Failure{Cause::ServerError, "busy", std::nullopt, Spent{2, 4}};
  const auto plan = plan_of({anna}, 1, "<p>" + std::string(500, 'x') + "</p>");
  const auto busy = std::get<stage::Failed>(write(plan));
  EXPECT_EQ(busy.failure.cause, Cause::ServerError);
  EXPECT_EQ(busy.spent, (Spent{1 + 2, 4}));
  crm_.undescribed.reset();
  EXPECT_EQ(reason(write(plan)), "written");
}

TEST_F(WriteUnit, WhatStandsIsToldOfAUnitThatIsNotRun) {
  EXPECT_THAT(standing_of(plan_of({anna})).artifacts, testing::IsEmpty()) << "nothing was ever sent";
  write(plan_of({anna}));
  const auto stands = standing_of(plan_of({anna}));
  ASSERT_THAT(stands.artifacts, SizeIs(1));
  EXPECT_EQ(stands.artifacts[0].crm_id, "key:anna");
  EXPECT_EQ(stands.connection, ConnectionId("main"));
}

TEST_F(WriteUnit, ADisconnectedConnectionBlocks) {
  Connection gone;
  gone.tenant = TenantId("acme");
  gone.id = ConnectionId("main");
  gone.account = CrmAccount("dynamics365:1");
  gone.status = ConnectionStatus::ReconnectNeeded;
  wire::v1::TenantConfig message;
  *message.mutable_connection() = wire::to_wire(gone);
  directory_.apply(record_of(tenancy::config_record::connection, "main", message));
  EXPECT_EQ(reason(write(plan_of({anna}))), "not_authorized");
  EXPECT_EQ(crm_.calls, 0);
}

}  // namespace
}  // namespace aftercall::crm_writer
