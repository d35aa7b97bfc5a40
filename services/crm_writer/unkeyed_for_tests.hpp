#pragma once
#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "crm_writer/writer_for_tests.hpp"

namespace aftercall::crm_writer::unkeyed {

// A CRM that makes a record for each create, whoever asks and however often. Ids are numbers in the order of
// creation.
struct FakeCrm {
  struct Entity {
    int id = 0;
    ArtifactKind kind = ArtifactKind::Note;
    std::string key;  // the reference in its text; a person's e-mail
    std::string on;
    std::vector<std::string> beside;
    std::string text;
    Instant added{};
    bool ours = true;  // as far as can be told
  };
  enum class Fate { Answered, AnswerLost, NeverArrives };

  std::vector<Entity> records;
  int last_id = 0, creates = 0, updates = 0, looks = 0, removals = 0;
  std::function<Fate(const crm::Put&)> fate = [](const crm::Put&) { return Fate::Answered; };
  std::function<std::optional<Failure>(const crm::Put&)> refuses = [](const crm::Put&) {
    return std::nullopt;
  };
  std::optional<Failure> look_fails;
  int unlisted = -1;                    // the id of a record that lists do not show yet
  bool refuses_deals = false;           // what is linked to one is written without the link
  std::optional<Failure> remove_fails;  // of persons
  std::function<void(const crm::Put&)> then = [](const crm::Put&) {};  // after a put was carried out
  std::vector<std::string> asked_by;                                   // connections that looked

  std::vector<Entity> of(ArtifactKind kind) const {
    std::vector<Entity> found;
    std::copy_if(records.begin(), records.end(), std::back_inserter(found),
                 [&](const Entity& each) { return each.kind == kind; });
    return found;
  }
  void add(ArtifactKind kind, std::string key) {
    records.push_back({++last_id, kind, std::move(key), "", {}, "", the_time, false});
  }
  static crm::Written told(const Entity& record, crm::Written::How how) {
    return {std::to_string(record.id), "https://crm.example/" + std::to_string(record.id), how, record.added};
  }

  Result<crm::Written> put(const crm::Put& put) {
    if (auto failure = refuses(put)) return tl::unexpected(std::move(*failure));
    const auto what = fate(put);
    if (what == Fate::NeverArrives) return fail(Cause::Unanswered, "no answer");
    Entity record{0,
                  put.kind,
                  put.kind == ArtifactKind::Contact ? put.person.email : put.key,
                  put.target.id,
                  {},
                  put.content.html,
                  the_time};
    std::vector<CrmRecord> without;
    for (const auto& each : put.beside)
      if (refuses_deals && each.type == "deal")
        without.push_back(each);
      else
        record.beside.push_back(each.type + ":" + each.id);
    const bool create = put.mode == crm::Mode::Create;
    ++(create ? creates : updates);
    const auto at = std::find_if(records.begin(), records.end(),
                                 [&](const Entity& each) { return std::to_string(each.id) == put.id; });
    if (!create && at == records.end()) return fail(Cause::NotFound, "gone");
    record.id = create ? ++last_id : at->id;
    if (create)
      records.push_back(record);
    else
      update(*at, std::move(record));
    then(put);
    if (what == Fate::AnswerLost) return fail(create ? Cause::Unanswered : Cause::Timeout, "no answer");
    auto written = told(record, create ? crm::Written::How::Created : crm::Written::How::Updated);
    if (!without.empty()) written.left_out = "link to the deal: archived";
    written.without = std::move(without);
    return written;
  }
  static bool is_deal(const std::string& beside) { return beside.starts_with("deal:"); }
  static bool has_deal(const Entity& record) {
    return std::any_of(record.beside.begin(), record.beside.end(), is_deal);
  }
  // As PUT does it: what is not named stays, and a note stays with its person.
  static void update(Entity& old, Entity now) {
    if (!has_deal(now))
      std::copy_if(old.beside.begin(), old.beside.end(), std::back_inserter(now.beside), is_deal);
    now.on = old.on;
    now.added = old.added;
    old = std::move(now);
  }
  Result<crm::Recalled> recall(const crm::Put& lost, Instant since) {
    ++looks;
    if (look_fails) return tl::unexpected(*look_fails);
    crm::Recalled recalled;
    recalled.spent.requests = 1;
    recalled.gone = lost.kind == ArtifactKind::Contact && !lost.id.empty() &&
                    std::none_of(records.begin(), records.end(),
                                 [&](const Entity& each) { return std::to_string(each.id) == lost.id; });
    const auto& key = lost.kind == ArtifactKind::Contact ? lost.person.email : lost.key;
    for (const auto& each : records)
      if (each.kind == lost.kind && each.key == key && (each.added >= since || recalled.gone) &&
          each.id != unlisted && (lost.kind == ArtifactKind::Contact || each.on == lost.target.id)) {
        recalled.found.push_back(told(each, crm::Written::How::Existed));
        if (!has_deal(each)) recalled.found.back().without = lost.beside;
      }
    for (std::size_t i = 1; i < recalled.found.size(); ++i)
      for (const auto& each : records)
        if (std::to_string(each.id) == recalled.found[i].id && each.ours)
          recalled.as_sent.push_back(recalled.found[i].id);
    return recalled;
  }
};

inline FakeCrm* the_crm = nullptr;

class Forwarding final : public crm::Connector {
 public:
  explicit Forwarding(std::string connection) : connection_(std::move(connection)) {}
  asio::awaitable<Result<crm::Description>> describe(crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question>, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put> puts, crm::Call) override {
    co_await elsewhere();
    crm::Writes writes;
    for (const auto& each : puts) writes.each.push_back(the_crm->put(each));
    writes.spent.requests = static_cast<int>(puts.size());
    co_return writes;
  }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put lost, Instant since, crm::Call) override {
    co_await elsewhere();
    the_crm->asked_by.push_back(connection_);
    co_return the_crm->recall(lost, since);
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind kind, std::string id, crm::Call) override {
    co_await elsewhere();
    if (kind == ArtifactKind::Contact && the_crm->remove_fails)
      co_return tl::unexpected(*the_crm->remove_fails);
    ++the_crm->removals;
    std::erase_if(the_crm->records, [&](const FakeCrm::Entity& each) {
      return each.kind == kind && std::to_string(each.id) == id;
    });
    co_return Spent{1, 0};
  }

 private:
  // Others' requests come between ours.
  static asio::awaitable<void> elsewhere() {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
  }
  std::string connection_;
};

inline std::unique_ptr<crm::Connector> make(const Connection& connection, crm::TokenSource, http::Client&) {
  return std::make_unique<Forwarding>(connection.id.str());
}
inline const crm::Entry entry{nullptr, nullptr, nullptr, nullptr, &make};

class Unkeyed : public WriterTest {
 protected:
  Unkeyed() : WriterTest(entry, false) { the_crm = &crm_; }

  stage::Failed failed(const stage::Outcome& outcome) {
    const auto* failure = std::get_if<stage::Failed>(&outcome);
    EXPECT_NE(failure, nullptr) << reason(outcome);
    return failure == nullptr ? stage::Failed{} : *failure;
  }
  // As after kill -9: what was going on is gone, the ledger is read from its topic.
  void crash_while_putting(const Plan& plan, ArtifactKind kind) {
    crm_.then = [this, kind](const crm::Put& put) {
      if (put.kind == kind) *ours_ = false;
    };
    EXPECT_EQ(reason(write(plan)), "unreachable");
    crm_.then = [](const crm::Put&) {};
    begin_anew();
  }
  // Several units at once, as of several sessions.
  std::vector<std::string> write_together(std::vector<Plan> plans) {
    std::vector<std::string> reasons;
    context_.restart();
    *ours_ = true;
    for (auto& plan : plans) {
      stage::Unit unit{plan.account, plan.session, plan.revision};
      unit.payload = std::make_shared<const Plan>(plan);
      stage::Context context;
      context.envelope.tenant = TenantId("acme");
      context.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
      context.ours = ours_;
      asio::co_spawn(context_,
                     write_unit(std::move(unit), std::move(context),
                                {&directory_, &connectors_, ledger_.get(), {}, [] { return the_time; }}),
                     [&](const std::exception_ptr&, const stage::Outcome& outcome) {
                       reasons.push_back(reason(outcome));
                       if (reasons.size() == plans.size()) context_.stop();
                     });
    }
    context_.run();
    return reasons;
  }

  FakeCrm crm_;
};

inline Artifact note(bool with_deal = false) {
  auto artifact = note_on("7", "session");
  if (with_deal) artifact.beside.push_back({CrmRecord{"deal", "52", "", ""}, ""});
  return artifact;
}
inline Artifact activity() {
  auto artifact = note_on("7", "session", false);
  artifact.kind = ArtifactKind::Activity;
  artifact.key = "key:activity";
  artifact.occasion = {"demo_call", the_time, std::chrono::minutes(30)};
  return artifact;
}
inline Artifact person() {
  Artifact artifact;
  artifact.kind = ArtifactKind::Contact;
  artifact.key = "key:ola";
  artifact.slot = "ola@nord.test";
  artifact.person = {"Ola Nord", "ola@nord.test", "", the_time};
  return artifact;
}
inline Artifact note_on_person() {
  auto artifact = note();
  artifact.target = {std::nullopt, "key:ola"};
  return artifact;
}

}  // namespace aftercall::crm_writer::unkeyed
