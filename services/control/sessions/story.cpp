#include "control/sessions/story.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "aftercall/events/v1/session_finished.pb.h"
#include "control/sessions/unit_story.hpp"
#include "identity/mask.hpp"
#include "wire/keys.hpp"
#include "wire/note_ready.hpp"
#include "wire/session.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

namespace v1 = events::v1;

struct Finished {
  v1::SessionFinished message;
  Revision revision;
  const Fact* fact = nullptr;
};

struct Read {
  std::vector<Finished> finished;
  std::map<std::string, UnitFacts> units;  // by CRM account
};

void read_finished(Read& read, const Fact& fact) {
  Finished finished;
  if (!finished.message.ParseFromString(fact.payload)) return;
  finished.revision = wire::revision_of(finished.message.session());
  finished.fact = &fact;
  read.finished.push_back(std::move(finished));
}

UnitFacts& unit_of(Read& read, const std::string& account) {
  auto& unit = read.units[account];
  unit.account = account;
  return unit;
}

void read_unit_fact(Read& read, const Fact& fact) {
  if (fact.kind == Fact::Kind::Matched) {
    UnitFacts::Matched matched;
    if (!matched.message.ParseFromString(fact.payload)) return;
    matched.revision = wire::revision_of(matched.message.session());
    matched.fact = &fact;
    unit_of(read, matched.message.crm_account()).matched.push_back(std::move(matched));
  } else if (fact.kind == Fact::Kind::Ready) {
    v1::NoteReady message;
    if (!message.ParseFromString(fact.payload)) return;
    const auto revision = wire::from_wire(message.revision());
    if (revision) unit_of(read, message.crm_account()).ready.push_back({*revision, &fact});
  } else if (fact.kind == Fact::Kind::Settled) {
    UnitFacts::Settled settled;
    if (!settled.message.ParseFromString(fact.payload)) return;
    const auto revision = wire::from_wire(settled.message.revision());
    if (!revision) return;
    settled.revision = *revision;
    settled.fact = &fact;
    unit_of(read, settled.message.crm_account()).settled.push_back(std::move(settled));
  } else if (fact.kind == Fact::Kind::Deferred) {
    UnitFacts::Deferred deferred;
    if (!deferred.message.ParseFromString(fact.payload)) return;
    v1::Revision revision;
    if (revision.ParseFromString(deferred.message.event().value()))
      deferred.revision = wire::from_wire(revision).value_or(Revision{});
    deferred.fact = &fact;
    unit_of(read, deferred.message.unit()).deferred.push_back(std::move(deferred));
  }
}

// A session that ended before it had an account has a unit without one; once accounts are known that one is
// history, unless the newest revision waits in it for a stage that could not read it.
void drop_nameless(Read& read, const Revision& newest) {
  const auto nameless = read.units.find("");
  if (nameless == read.units.end() || read.units.size() == 1) return;
  const auto& deferred = nameless->second.deferred;
  const bool waits = std::any_of(deferred.begin(), deferred.end(), [&](const auto& each) {
    return !each.fact->released && !(each.revision < newest);
  });
  if (!waits) read.units.erase(nameless);
}

void tell_session(api::Story& story, const Finished& newest) {
  const auto& session = newest.message.session();
  story.set_title(session.title());
  if (session.channel() != v1::Channel::unspecified)
    story.set_channel(v1::Channel::Value_Name(session.channel()));
  if (session.has_started_at()) *story.mutable_started_at() = session.started_at();
  if (session.has_ended_at()) *story.mutable_ended_at() = session.ended_at();
  *story.mutable_accepted_at() = session.accepted_at();
  *story.mutable_revision() = wire::to_wire(newest.revision);
  for (int i = 0; i < session.participants_size(); ++i) {
    const auto& participant = session.participants(i);
    auto& told = *story.add_participants();
    told.set_number(static_cast<std::uint32_t>(i));
    told.set_name(participant.name());
    if (!participant.email().empty()) told.set_email(identity::masked(participant.email()));
    if (!participant.phone().empty()) told.set_phone(identity::masked(participant.phone()));
    if (participant.role() != v1::Participant::Role::unspecified)
      told.set_role(v1::Participant::Role::Value_Name(participant.role()));
    if (participant.side() != v1::Participant::Side::unspecified)
      told.set_side(v1::Participant::Side::Value_Name(participant.side()));
  }
}

std::string words(std::string cause) {
  std::replace(cause.begin(), cause.end(), '_', ' ');
  return cause;
}

// One deferral, as often as its record was written: the second time a person's wish stands in it. Compaction
// may have left the last of them only.
std::string what_of_deferral(const v1::EventDeferred& message, bool told, const char* ended) {
  std::string what = told ? "" : "deferred: " + words(message.cause()) + ended;
  const auto add = [&](const std::string& wish) { what += (what.empty() ? "" : "; ") + wish; };
  if (!message.discard_wanted_by().empty())
    add("discarded by " + message.discard_wanted_by() + ": " + message.discard_reason());
  else if (!message.release_wanted_by().empty())
    add("release asked for by " + message.release_wanted_by());
  return what.empty() ? "deferred again: " + words(message.cause()) + ended : what;
}

std::string what_of(const Fact& fact, bool told) {
  switch (fact.kind) {
    case Fact::Kind::Finished:
      return fact.attempt > 1 ? "released again, copy " + std::to_string(fact.attempt)
                              : "accepted at the door";
    case Fact::Kind::Matched:
      return "matched";
    case Fact::Kind::Ready:
      return "texts made";
    case Fact::Kind::Settled: {
      v1::SessionSettled message;
      message.ParseFromString(fact.payload);
      return "settled: " + message.reason();
    }
    case Fact::Kind::Deferred: {
      v1::EventDeferred message;
      message.ParseFromString(fact.payload);
      return what_of_deferral(message, told, fact.released ? ", ended since" : "");
    }
  }
  return "";
}

std::string stage_of(const Fact& fact) {
  if (fact.kind == Fact::Kind::Finished) return "ingest";
  if (fact.kind == Fact::Kind::Matched) return "matcher";
  if (fact.kind == Fact::Kind::Ready) return "formatter";
  if (fact.kind == Fact::Kind::Settled) {
    v1::SessionSettled message;
    message.ParseFromString(fact.payload);
    return message.stage();
  }
  v1::EventDeferred message;
  message.ParseFromString(fact.payload);
  return message.stage();
}

void tell_steps(api::Story& story, const std::vector<Fact>& facts) {
  std::set<std::string> told;  // deferrals, by their keys
  for (const auto& fact : facts) {
    auto& step = *story.add_steps();
    wire::write_time(*step.mutable_at(), fact.time);
    step.set_stage(stage_of(fact));
    const bool again = fact.kind == Fact::Kind::Deferred && !told.insert(fact.deferral).second;
    step.set_what(what_of(fact, again));
    step.set_topic(fact.at.topic);
    step.set_partition(fact.at.partition);
    step.set_offset(fact.at.offset);
  }
}

// The state that needs a person most speaks for the whole.
std::string state_of(const api::Story& story) {
  for (const char* state :
       {"dead", "blocked", "in doubt", "waiting", "under way", "written", "nothing to write"})
    for (const auto& unit : story.units())
      if (unit.state() == state) return state;
  return "under way";
}

std::string sentence_of(const api::Story& story) {
  for (const auto& unit : story.units()) {
    if (unit.state() != story.state()) continue;
    std::string sentence = unit.state();
    if (!unit.reason().empty() && unit.reason() != unit.state())
      sentence += " (" + words(unit.reason()) + ")";
    if (!unit.detail().empty()) sentence += ": " + unit.detail();
    if (!unit.advice().empty()) sentence += "; what to do: " + unit.advice();
    return sentence;
  }
  return "under way: accepted, and not worked on yet";
}

}  // namespace

api::Story story_of(std::vector<Fact> facts) {
  // What happens within a millisecond is told in the order of the pipeline.
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) {
    return std::tuple(a.time, a.kind, a.at) < std::tuple(b.time, b.kind, b.at);
  });
  Read read;
  for (const auto& fact : facts) {
    if (fact.kind == Fact::Kind::Finished)
      read_finished(read, fact);
    else
      read_unit_fact(read, fact);
  }
  api::Story story;
  if (!facts.empty()) {
    const auto parts = wire::split_key(facts.front().session);
    if (parts && parts->size() == 3) {
      story.mutable_session()->set_tenant((*parts)[0]);
      story.mutable_session()->set_source((*parts)[1]);
      story.mutable_session()->set_session_id((*parts)[2]);
    }
  }
  Revision newest;
  const auto latest = std::max_element(read.finished.begin(), read.finished.end(),
                                       [](const auto& a, const auto& b) { return a.revision < b.revision; });
  if (latest != read.finished.end()) {
    newest = latest->revision;
    tell_session(story, *latest);
  }
  drop_nameless(read, newest);
  for (const auto& [account, unit] : read.units) *story.add_units() = unit_story(unit, newest);
  tell_steps(story, facts);
  story.set_state(state_of(story));
  story.set_sentence(sentence_of(story));
  return story;
}

}  // namespace aftercall::control
