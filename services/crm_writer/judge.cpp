#include "crm_writer/judge.hpp"

#include <algorithm>
#include <iterator>

#include "crm_writer/doubt.hpp"

namespace aftercall::crm_writer {
namespace {

using State = ArtifactState::State;

std::optional<Instant> unanswered_at(const Step& step) {
  return step.before ? step.before->sent_at : std::nullopt;
}

// The announcement is taken back: the row says what it said before. Of a record that was only found to be
// there nothing was known before, and what it holds still is not.
LedgerRow refused_update(const Step& step, LedgerRow row) {
  const auto now = row.updated_at;
  row.state = LedgerRow::State::Sent;
  if (step.before) row = *step.before;
  row.updated_at = now;
  return row;
}

bool names(const std::vector<CrmRecord>& records, const CrmRecord& wanted) {
  return std::any_of(records.begin(), records.end(),
                     [&](const CrmRecord& each) { return each.type == wanted.type && each.id == wanted.id; });
}

LedgerRow written_row(const Done& done, LedgerRow row) {
  const auto& step = done.step;
  row.state = LedgerRow::State::Written;
  row.crm_id = (*done.answer)->id;
  row.link = (*done.answer)->link;
  if (names((*done.answer)->without, row.deal)) row.deal = CrmRecord();
  // An earlier request may still be carried out late, also when its repetition was answered; but not a
  // create under our key: the record is there.
  if (step.put->mode == crm::Mode::Update)
    row.sent_at = done.repeated ? std::optional(row.updated_at) : unanswered_at(step);
  return row;
}

bool may_come_late(Cause cause) {
  return cause == Cause::Timeout || cause == Cause::ServerError || cause == Cause::Unanswered;
}

std::optional<LedgerRow> after_failed_update(const Step& step, Cause cause, LedgerRow row) {
  row.crm_id = step.put->id;
  if (cause == Cause::NotFound) {
    row.state = LedgerRow::State::DeletedByPerson;
    return row;
  }
  if (!may_come_late(cause)) return refused_update(step, std::move(row));
  row.state = LedgerRow::State::Sent;  // another revision waits for a while
  row.sent_at = row.updated_at;
  return row;
}

std::optional<LedgerRow> after_failed_create(const Step& step, Cause cause, LedgerRow row) {
  if (cause == Cause::Unanswered) {
    row.state = LedgerRow::State::InDoubt;
    row.sent_at = row.updated_at;
    return row;
  }
  // Nothing was changed there, and trying again starts from where we are.
  if (!step.announced) return std::nullopt;
  row.state = LedgerRow::State::Failed;  // the row says `sent`, and nothing was made
  return row;
}

// What a record's row says after this step; nothing when the ledger already says it.
std::optional<LedgerRow> row_of(const Plan& plan, const Done& done, const ConnectionId& connection,
                                Instant now) {
  if (!done.answer) return std::nullopt;
  const auto& step = done.step;
  LedgerRow row;
  row.name = step.name;
  row.key = step.row_key;
  row.target = step.target;
  row.deal = step.deal;
  row.revision = plan.revision;
  row.content_hash = step.content_hash;
  row.connection = connection;
  row.updated_at = now;
  if (*done.answer) return written_row(done, std::move(row));
  const auto cause = done.answer->error().cause;
  const bool update = step.put && step.put->mode == crm::Mode::Update;
  return update ? after_failed_update(step, cause, std::move(row))
                : after_failed_create(step, cause, std::move(row));
}

State state_of(const crm::Written& written) {
  switch (written.how) {
    case crm::Written::How::Created:
      return State::Written;
    case crm::Written::How::Updated:
      return State::Updated;
    case crm::Written::How::Existed:
      return State::AlreadyThere;
  }
  return State::Written;
}

State state_of(const Failure& failure, bool update, bool main) {
  if (update && failure.cause == Cause::NotFound) return State::DeletedByPerson;
  switch (kind_of(failure.cause)) {
    case Kind::Transient:
      return State::Waiting;
    case Kind::InDoubt:
      return State::InDoubt;
    case Kind::Permanent:
      return State::Failed;
    case Kind::Blocked:
      // A right missing for what is not the session's main record leaves only that out (promise 8).
      return failure.cause == Cause::NotPermitted && !main ? State::LeftOut : State::Blocked;
  }
  return State::Failed;
}

std::string both(std::string reason, const std::string& other) {
  if (!reason.empty() && !other.empty()) reason += "; ";
  return reason + other;
}

ArtifactState describe(const Plan& plan, const Done& done, const SlotHash& hash) {
  const auto& artifact = plan.artifacts[done.step.artifact];
  ArtifactState state;
  state.key = done.step.row_key;
  state.kind = artifact.kind;
  state.slot_hash = hash(artifact.slot);
  state.part = artifact.part;
  state.target = done.step.target;
  state.beside = done.step.beside;
  state.main = artifact.main;
  if (done.held) {
    state.state = state_of(*done.held, false, artifact.main);
    state.reason = std::string(name_of(done.held->cause)) + ": " + done.held->detail;
    state.crm_id = done.step.crm_id;
    state.link = done.step.link;
  } else if (!done.answer) {
    state.state = done.step.stands;
    state.reason = done.step.reason;
    state.crm_id = done.step.crm_id;
    state.link = done.step.link;
  } else if (*done.answer) {
    state.state = state_of(**done.answer);
    state.reason = both(done.step.kept, (*done.answer)->left_out);
    std::erase_if(state.beside, [&](const CrmRecord& each) { return names((*done.answer)->without, each); });
    state.crm_id = (*done.answer)->id;
    state.link = (*done.answer)->link;
  } else {
    const auto& failure = done.answer->error();
    const bool update = done.step.put && done.step.put->mode == crm::Mode::Update;
    state.state = state_of(failure, update, artifact.main);
    state.reason = std::string(name_of(failure.cause)) + ": " + failure.detail;
    state.crm_id = done.step.put ? done.step.put->id : std::string();
  }
  return state;
}

const Failure* failure_in(const Done& done) {
  if (done.held) return &*done.held;
  return done.answer && !*done.answer ? &done.answer->error() : nullptr;
}

bool sooner(const Failure& a, const Failure& b) {
  return a.retry_after && (!b.retry_after || *a.retry_after < *b.retry_after);
}

// The failure that decides how the unit waits: of those of the worst kind the one that is over first.
const Failure* worst(const std::vector<Done>& done, const std::vector<ArtifactState>& states, State wanted) {
  const Failure* found = nullptr;
  for (std::size_t i = 0; i < done.size(); ++i) {
    const auto* failure = states[i].state == wanted ? failure_in(done[i]) : nullptr;
    if (failure != nullptr && (found == nullptr || sooner(*failure, *found))) found = failure;
  }
  return found;
}

std::optional<Failure> unfinished(const std::vector<Done>& done, const std::vector<ArtifactState>& states) {
  const auto has = [&](State wanted) {
    return std::any_of(states.begin(), states.end(), [&](const auto& each) { return each.state == wanted; });
  };
  if (has(State::InDoubt)) {
    const auto* failure = worst(done, states, State::InDoubt);
    return failure != nullptr ? *failure : Failure{Cause::Unanswered, doubt};
  }
  if (const auto* failure = worst(done, states, State::Waiting)) return *failure;
  if (const auto* failure = worst(done, states, State::Blocked)) return *failure;
  for (std::size_t i = 0; i < done.size(); ++i)
    if (const auto* failure = failure_in(done[i]);
        failure != nullptr && states[i].state == State::Failed && states[i].main)
      return *failure;
  return std::nullopt;
}

// Then what is open must not make the unit dead.
bool main_stands(const std::vector<ArtifactState>& states) {
  return std::none_of(states.begin(), states.end(), [](const ArtifactState& each) {
    const bool open =
        each.state == State::InDoubt || each.state == State::Waiting || each.state == State::Blocked;
    return each.main && (open || each.state == State::Failed);
  });
}

const ArtifactState* contact_left_out(const std::vector<ArtifactState>& states) {
  const auto found = std::find_if(states.begin(), states.end(), [](const ArtifactState& each) {
    return each.kind == ArtifactKind::Contact && each.state == State::LeftOut;
  });
  return found == states.end() ? nullptr : &*found;
}

std::string reason_of(const std::vector<ArtifactState>& states) {
  const auto any = [&](State wanted) {
    return std::any_of(states.begin(), states.end(), [&](const auto& each) { return each.state == wanted; });
  };
  if (any(State::Written)) return "written";
  if (any(State::Updated)) return "updated";
  if (any(State::AlreadyThere)) return "already there";
  if (any(State::DeletedByPerson)) return "deleted by a person";
  return contact_left_out(states) != nullptr ? "no contact" : "nothing written";
}

}  // namespace

std::vector<LedgerRow> rows_of(const Plan& plan, const std::vector<Done>& done, const SlotHash& hash,
                               const ConnectionId& connection, Instant now) {
  std::vector<LedgerRow> rows;
  for (const auto& each : done) {
    auto row = row_of(plan, each, connection, now);
    if (!row) continue;
    auto all = with_aliases(plan.artifacts[each.step.artifact], std::move(*row), hash);
    std::move(all.begin(), all.end(), std::back_inserter(rows));
  }
  return rows;
}

std::vector<LedgerRow> with_aliases(const Artifact& artifact, LedgerRow row, const SlotHash& hash) {
  std::vector<LedgerRow> rows;
  auto names = alias_names_of(artifact, hash);
  names.push_back(name_of(artifact, hash));
  for (const auto& name : names) {
    if (name == row.name) continue;
    LedgerRow alias;
    alias.name = name;
    alias.key = row.key;
    alias.state = row.state;
    alias.revision = row.revision;
    alias.same_as = row.name;
    alias.updated_at = row.updated_at;
    rows.push_back(std::move(alias));
  }
  rows.push_back(std::move(row));
  return rows;
}

bool left_traces(const std::vector<Done>& done) {
  return std::any_of(done.begin(), done.end(), [](const Done& each) {
    if (each.held) return kind_of(each.held->cause) == Kind::InDoubt;
    if (!each.answer) return each.step.stands != State::LeftOut;
    if (*each.answer) return true;
    const auto cause = each.answer->error().cause;
    return cause == Cause::Timeout || cause == Cause::ServerError || cause == Cause::Unanswered;
  });
}

LedgerRow revision_row(const Plan& plan, Instant now) {
  LedgerRow row;
  row.name = {revision_kind, "", 0};
  row.state = LedgerRow::State::Written;
  row.revision = plan.revision;
  row.updated_at = now;
  return row;
}

Ending judge(const Plan& plan, const std::vector<Done>& done, std::vector<LeftOut> left_out,
             const SlotHash& hash, const ConnectionId& connection, Spent spent) {
  std::vector<ArtifactState> states;
  states.reserve(done.size());
  for (const auto& each : done) states.push_back(describe(plan, each, hash));
  auto failure = unfinished(done, states);
  if (failure && !main_stands(states))
    return Unfinished{std::move(*failure), std::move(states), std::nullopt};
  Settled settled;
  settled.session = plan.session;
  settled.revision = plan.revision;
  settled.account = plan.account;
  settled.connection = connection;
  settled.reason = reason_of(states);
  if (const auto* contact = contact_left_out(states)) settled.detail = contact->reason;
  settled.artifacts = states;
  settled.left_out = plan.left_out;
  std::move(left_out.begin(), left_out.end(), std::back_inserter(settled.left_out));
  settled.spent = plan.spent;
  if (failure) return Unfinished{std::move(*failure), std::move(states), std::move(settled)};
  settled.spent += spent;
  return settled;
}

Settled superseded(const Plan& plan, const Revision& by, Spent spent) {
  Settled settled;
  settled.session = plan.session;
  settled.revision = plan.revision;
  settled.account = plan.account;
  settled.connection = plan.connection;
  settled.reason = "superseded";
  settled.detail = "superseded by revision " + std::to_string(by.value);
  settled.left_out = plan.left_out;
  settled.spent = plan.spent + spent;
  return settled;
}

}  // namespace aftercall::crm_writer
