#include "control/sessions/unit_story.hpp"

#include <algorithm>
#include <tuple>

#include "domain/failure.hpp"
#include "wire/note_ready.hpp"

namespace aftercall::control {
namespace {

namespace v1 = events::v1;

// An ending that only says that an earlier one still stands.
bool repeats(const std::string& reason) { return reason == "already there" || reason == "superseded"; }
bool wrote(const std::string& reason) {
  return reason == "written" || reason == "updated" || reason == "already there";
}

auto recency(const UnitFacts::Settled& settled) {
  return std::tuple(settled.revision, settled.message.run(), settled.message.attempt(), settled.fact->time,
                    settled.fact->at);
}

const UnitFacts::Settled* later(const UnitFacts::Settled* found, const UnitFacts::Settled& each) {
  return found == nullptr || recency(*found) < recency(each) ? &each : found;
}

// The ending that the newest one repeats, if it only repeats; the newest one itself otherwise.
const UnitFacts::Settled* told_of(const std::vector<UnitFacts::Settled>& all,
                                  const UnitFacts::Settled& newest) {
  if (!repeats(newest.message.reason())) return &newest;
  const UnitFacts::Settled* found = nullptr;
  for (const auto& each : all)
    if (!repeats(each.message.reason())) found = later(found, each);
  return found == nullptr ? &newest : found;
}

// The deferral of the newest revision that still waits, the latest one of several.
const UnitFacts::Deferred* waiting(const std::vector<UnitFacts::Deferred>& all, const Revision& newest) {
  const UnitFacts::Deferred* found = nullptr;
  for (const auto& each : all) {
    if (each.fact->released || each.revision < newest) continue;
    const bool later = found == nullptr || std::pair(found->fact->time, found->fact->at) <
                                               std::pair(each.fact->time, each.fact->at);
    if (later) found = &each;
  }
  return found;
}

std::string word_of(v1::EventDeferred::Kind::Value kind) {
  switch (kind) {
    case v1::EventDeferred::Kind::waiting:
      return "waiting";
    case v1::EventDeferred::Kind::in_doubt:
      return "in doubt";
    case v1::EventDeferred::Kind::blocked:
      return "blocked";
    default:
      return "dead";
  }
}

void tell_settled(api::UnitStory& story, const UnitFacts::Settled& settled) {
  const auto& message = settled.message;
  story.set_state(wrote(message.reason()) ? "written" : "nothing to write");
  story.set_reason(message.reason());
  story.set_detail(message.detail());
  *story.mutable_revision() = message.revision();
  story.set_connection(message.connection());
  story.set_stage(message.stage());
  story.set_run(message.run());
  story.set_attempt(message.attempt());
  *story.mutable_artifacts() = message.artifacts();
  *story.mutable_left_out() = message.left_out();
  *story.mutable_evidence() = message.evidence();
  story.set_crm_requests(message.crm_requests());
  story.set_crm_tokens(message.crm_tokens());
}

void tell_deferred(api::UnitStory& story, const UnitFacts::Deferred& deferred) {
  const auto& message = deferred.message;
  story.set_state(word_of(message.kind()));
  story.set_reason(message.cause());
  story.set_detail(message.detail());
  story.set_cause(message.cause());
  story.set_connection(message.connection());
  story.set_stage(message.stage());
  story.set_attempt(message.attempt());
  story.set_tries(message.tries());
  story.set_crm_requests(message.crm_requests());
  story.set_crm_tokens(message.crm_tokens());
  *story.mutable_artifacts() = message.artifacts();
  if (message.has_not_before() && message.kind() != v1::EventDeferred::Kind::dead)
    *story.mutable_not_before() = message.not_before();
  story.set_advice(advice_for(message.cause(), message.stage()));
}

void tell_match(api::UnitStory& story, const UnitFacts& facts) {
  const auto found =
      std::max_element(facts.matched.begin(), facts.matched.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.revision, a.fact->time, a.fact->at) <
               std::tuple(b.revision, b.fact->time, b.fact->at);
      });
  if (found == facts.matched.end()) return;
  *story.mutable_matches() = found->message.participants();
  *story.mutable_lookups() = found->message.lookups();
  if (found->message.has_deal()) *story.mutable_deal() = found->message.deal();
  if (found->message.has_appointment()) *story.mutable_appointment() = found->message.appointment();
}

// Which stage has the unit in hand: the one after the last event of this revision.
std::string stage_at_work(const UnitFacts& facts, const Revision& newest) {
  const auto of_newest = [&](const auto& each) { return !(each.revision < newest); };
  if (std::any_of(facts.ready.begin(), facts.ready.end(), of_newest)) return "crm_writer";
  if (std::any_of(facts.matched.begin(), facts.matched.end(), of_newest)) return "formatter";
  return "matcher";
}

}  // namespace

api::UnitStory unit_story(const UnitFacts& facts, const Revision& newest) {
  api::UnitStory story;
  story.set_crm_account(facts.account);
  tell_match(story, facts);
  const UnitFacts::Settled* settled = nullptr;
  for (const auto& each : facts.settled) settled = later(settled, each);
  const auto* deferred = waiting(facts.deferred, newest);
  const bool current = settled != nullptr && !(settled->revision < newest);
  if (deferred != nullptr) {
    tell_deferred(story, *deferred);
  } else if (current) {
    tell_settled(story, *told_of(facts.settled, *settled));
  } else {
    story.set_state("under way");
    story.set_stage(stage_at_work(facts, newest));
    *story.mutable_revision() = wire::to_wire(newest);
  }
  return story;
}

std::string advice_for(const std::string& cause, const std::string& stage) {
  const auto known = cause_named(cause);
  if (!known) return "";
  switch (*known) {
    case Cause::NotAuthorized:
      return "connect the CRM again; what waits is then delivered";
    case Cause::NotPermitted:
      return "give the CRM's user the right that is named above, then: aftercall connection probe TENANT ID";
    case Cause::SetupIncomplete:
      return "complete the connection's set-up as named above";
    case Cause::Paused:
      return "resume the tenant";
    case Cause::NeedsNewerStage:
      return "upgrade " + stage + ", then release it";
    case Cause::Malformed:
    case Cause::Rejected:
    case Cause::TooLong:
      return "mend what the CRM or the upstream got wrong, then release it, or discard it";
    case Cause::NotFound:
      return "let its upstream send the session again, so that it is matched anew; or discard it";
    case Cause::Crashed:
      return "report it to the maintainers of " + stage + "; release it after an upgrade";
    case Cause::Expired:
      return "let its upstream send the session again if it is still wanted";
    case Cause::Unanswered:
      return "nothing: it is looked up before anything is repeated";
    case Cause::NoTenant:
      return "apply the tenant's settings";
    case Cause::Unreachable:
    case Cause::Timeout:
    case Cause::RateLimited:
    case Cause::ServerError:
    case Cause::NoLease:
    case Cause::Paced:
      return "nothing: it is tried again by itself";
  }
  return "";
}

}  // namespace aftercall::control
