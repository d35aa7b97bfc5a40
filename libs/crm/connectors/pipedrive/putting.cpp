#include "putting.hpp"

#include <algorithm>
#include <utility>

#include "answer.hpp"
#include "refusal.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr std::size_t most_ids = 100;  // that a list of persons takes

bool is_deal(const CrmRecord& record) { return record.type == "deal"; }
bool is_person(const CrmRecord& record) { return record.type == "contact"; }

std::string_view name_of(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::Contact:
      return "a person";
    case ArtifactKind::Note:
      return "a note";
    case ArtifactKind::Activity:
      return "an activity";
  }
  return "a record";
}

// A create has no key: without a success, and without a refusal, it may be there.
Result<Written> read_put(const Put& put, const Result<http::Response>& reply, bool undecided,
                         const std::string& base) {
  const bool create = put.mode == Mode::Create;
  if (!reply) {
    auto failure = reply.error();
    if (create && undecided) failure.cause = Cause::Unanswered;
    return tl::unexpected(std::move(failure));
  }
  auto written = read_written(put, *reply, base);
  if (!written && create && !refused_for_certain(*reply)) written.error().cause = Cause::Unanswered;
  if (!written && written.error().cause == Cause::NotPermitted)
    written.error().detail +=
        std::string("; needed to ") + (create ? "add " : "edit ") + std::string(name_of(put.kind));
  return written;
}

// Of the first refusal nobody knows what it was about, for the texts may change any day. A record beside may
// have been archived, deleted, merged or hidden since it was found, and that shall not cost this one.
bool may_be_about_another(const Failure& failure) {
  return failure.cause == Cause::Rejected || failure.cause == Cause::NotFound ||
         failure.cause == Cause::NotPermitted;
}

// Of a question beside the put: nothing was written, whatever became of the question.
Failure nothing_sent(Failure failure) {
  const bool lost = failure.cause == Cause::Timeout || failure.cause == Cause::ServerError;
  if (lost) failure.cause = Cause::Unreachable;
  return failure;
}

bool names(const Participants& participants, std::int64_t person) {
  return std::any_of(participants.begin(), participants.end(),
                     [&](const Participant& each) { return each.person == person; });
}

// Two who were merged into one may both stand there still, and nobody may be named twice.
Participants each_once(const Participants& all) {
  Participants once;
  for (const auto& each : all)
    if (!names(once, each.person)) once.push_back(each);
  return once;
}

// Whom an activity is with beside its first person, who stays as people have left him.
std::vector<std::int64_t> others_in(const Put& put) {
  std::vector<std::int64_t> persons;
  for (const auto& each : put.beside)
    if (const auto id = id_in(each.id); id && is_person(each)) persons.push_back(*id);
  return persons;
}

}  // namespace

Putting::Putting(Put put, std::string base)
    : put_(std::move(put)), base_(std::move(base)), outcome_(fail(Cause::Unreachable, "not sent yet")) {
  const bool create = put_.mode == Mode::Create;
  const auto id = id_in(put_.id);
  // A PATCH replaces all participants, those that people added since included.
  if (put_.kind == ArtifactKind::Activity && !create && id && !others_in(put_).empty()) {
    asking_ = Asking::WhoTookPart;
    next_ = activity_by_id(*id);
    return;
  }
  if (create) added_ = others_in(put_);
  send();
}

std::optional<Operation> Putting::next() const { return next_; }

void Putting::absorb(const Result<http::Response>& reply, bool undecided) {
  switch (asking_) {
    case Asking::WhoTookPart:
      return absorb_participants(reply);
    case Asking::WhoIsThere:
      return absorb_persons(reply);
    case Asking::Record:
      return absorb_record(reply, undecided);
  }
}

void Putting::send() {
  asking_ = Asking::Record;
  auto operation = operation_for(put_, participants_);
  if (!operation) return conclude(tl::unexpected(operation.error()));
  next_ = std::move(*operation);
}

void Putting::absorb_participants(const Result<http::Response>& reply) {
  auto found = reply.and_then(read_participants);
  if (!found) return conclude(tl::unexpected(nothing_sent(found.error())));
  *found = each_once(*found);
  for (const auto person : others_in(put_)) {
    if (names(*found, person)) continue;
    found->push_back({person, false});
    added_.push_back(person);
  }
  if (!added_.empty()) participants_ = std::move(*found);
  send();
}

void Putting::absorb_record(const Result<http::Response>& reply, bool undecided) {
  auto written = read_put(put_, reply, undecided, base_);
  if (written || !may_be_about_another(written.error())) return conclude(std::move(written));
  refusal_ = written.error();
  auto asked = added_;
  for (const auto& each : participants_)
    if (!is_added(each.person)) asked.push_back(each.person);
  const bool asks = put_.kind == ArtifactKind::Activity && !added_.empty() && asked.size() <= most_ids;
  if (!asks || asked_who_is_there_) return go_on_without_deal();
  asked_who_is_there_ = true;
  asking_ = Asking::WhoIsThere;
  next_ = persons_by_id(asked);
}

void Putting::absorb_persons(const Result<http::Response>& reply) {
  const auto there = reply.and_then(read_list);
  if (!there && kind_of(there.error().cause) != Kind::Permanent && there.error().cause != Cause::NotPermitted)
    return conclude(tl::unexpected(nothing_sent(there.error())));
  if (!there) return go_on_without_deal();
  const auto gone = [&](std::int64_t person) {
    return std::none_of(there->persons.begin(), there->persons.end(),
                        [&](const PersonRow& row) { return row.id == person; });
  };
  // Whom people added and we may not see can neither be named again nor be dropped: then nobody is added.
  const bool closed = std::any_of(participants_.begin(), participants_.end(), [&](const Participant& each) {
    return !is_added(each.person) && gone(each.person);
  });
  const auto before = added_.size();
  std::erase_if(put_.beside, [&](const CrmRecord& each) {
    const auto id = id_in(each.id).value_or(0);
    if (!is_person(each) || !is_added(id) || (!closed && !gone(id))) return false;
    leave_out(each,
              "participant: person " + each.id +
                  (gone(id) ? " is not there any more" : " cannot be added, for another one is hidden"));
    std::erase(added_, id);
    std::erase_if(participants_, [&](const Participant& other) { return other.person == id; });
    return true;
  });
  if (added_.size() == before) return go_on_without_deal();
  if (added_.empty()) participants_.clear();
  send();
}

void Putting::go_on_without_deal() {
  const auto deal = std::find_if(put_.beside.begin(), put_.beside.end(), is_deal);
  if (deal == put_.beside.end()) return conclude(tl::unexpected(refusal_));
  leave_out(*deal, "link to the deal: " + refusal_.detail);
  put_.beside.erase(deal);
  send();
}

void Putting::leave_out(const CrmRecord& record, const std::string& why) {
  left_out_ += (left_out_.empty() ? "" : "; ") + why;
  without_.push_back(record);
}

void Putting::conclude(Result<Written> outcome) {
  next_.reset();
  outcome_ = std::move(outcome);
  if (!outcome_) return;
  outcome_->left_out = left_out_;
  outcome_->without = without_;
}

bool Putting::is_added(std::int64_t person) const {
  return std::find(added_.begin(), added_.end(), person) != added_.end();
}

}  // namespace aftercall::crm::pipedrive
