#include "recalling.hpp"

#include <algorithm>
#include <utility>

#include "identity/email.hpp"
#include "reference.hpp"
#include "refusal.hpp"
#include "rights.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr int most_pages = 20;
constexpr std::chrono::minutes slack{10};  // between our clock and the vendor's

bool is_the_person(const PersonRow& row, const Person& wanted, const std::string& region) {
  if (wanted.email.empty()) return has_phone(row, wanted.phone, region);
  return has_email(row, identity::normalise_email(wanted.email).value_or(wanted.email));
}

// Whoever else made a person did hardly type just this.
bool is_as_sent(const PersonRow& row, const Person& wanted) {
  const auto one_of = [](const std::string& value) {
    return value.empty() ? std::vector<std::string>() : std::vector<std::string>(1, value);
  };
  return row.untouched && row.name == name_of(wanted) && row.emails == one_of(wanted.email) &&
         row.phones == one_of(wanted.phone);
}

}  // namespace

Recalling::Recalling(Put lost, Instant since, std::string base)
    : lost_(std::move(lost)), since_(since), base_(std::move(base)) {
  auto first = recall_of(lost_, since_);
  if (first)
    next_ = std::move(*first);
  else
    failed_ = first.error();
}

std::optional<Operation> Recalling::next() const { return next_; }

void Recalling::absorb(const Result<http::Response>& reply) {
  if (!reply) {
    failed_ = reply.error();
    next_.reset();
  } else if (asking_ == Asking::WhoWeAre) {
    absorb_user(*reply);
  } else if (asking_ == Asking::Target && lost_.kind == ArtifactKind::Contact) {
    absorb_created(*reply);
  } else if (asking_ == Asking::Target) {
    absorb_target(*reply);
  } else if (lost_.kind == ArtifactKind::Contact) {
    absorb_persons(*reply);
  } else {
    absorb_traces(*reply);
  }
  if (failed_) next_.reset();
}

// Lists are newest first: behind what was made earlier than ours nothing of ours comes, however much people
// have changed since.
void Recalling::absorb_persons(const http::Response& reply) {
  const auto page = read_list(reply);
  if (!page) {
    failed_ = page.error();
    return;
  }
  for (const auto& row : page->persons) {
    if (!is_the_person(row, lost_.person, lost_.region)) continue;
    traces_.push_back({row.id, "", false, row.owner, is_as_sent(row, lost_.person)});
    added_[row.id] = *row.added;
  }
  const bool enough = !gone_ && !page->persons.empty() && *page->persons.back().added < since_ - slack;
  stopped_early_ = enough && !page->cursor.empty();
  turn(std::nullopt, enough ? "" : page->cursor);
}

void Recalling::absorb_traces(const http::Response& reply) {
  const bool notes = lost_.kind == ArtifactKind::Note;
  auto page = notes ? read_notes(reply) : read_activities(reply);
  if (!page) {
    failed_ = page.error();
    return;
  }
  for (auto& trace : page->traces)
    if (bears_reference(trace.text, lost_.key)) traces_.push_back(std::move(trace));
  if (page->last_added && *page->last_added < since_ - slack) return conclude();
  turn(page->next_start, page->cursor);
}

void Recalling::absorb_user(const http::Response& reply) {
  const auto user = read_user(reply);
  if (!user) {
    failed_ = user.error();
    return;
  }
  us_ = user->id;
  next_.reset();
}

void Recalling::turn(const std::optional<std::int64_t>& start, const std::string& cursor) {
  if (!start && cursor.empty()) return conclude();
  if (pages_ == most_pages && gone_) return conclude();  // that nobody was found does not mean much, then
  if (pages_ == most_pages) {
    failed_ = Failure{Cause::ServerError,
                      "a thousand records were made since then, and ours may be among those before them",
                      std::nullopt};
    return;
  }
  ++pages_;
  if (start)
    next_ = recall_of(lost_, since_, among_, *start).value_or(Operation{});
  else
    next_ = next_page(std::move(*next_), cursor);
}

// Rows that moved while we turned the page come twice.
void Recalling::conclude() {
  next_.reset();
  std::sort(traces_.begin(), traces_.end(), [](const Trace& a, const Trace& b) { return a.id < b.id; });
  const auto same = [](const Trace& a, const Trace& b) { return a.id == b.id; };
  traces_.erase(std::unique(traces_.begin(), traces_.end(), same), traces_.end());
  const auto ours = lost_.kind == ArtifactKind::Contact ? id_in(lost_.id) : std::nullopt;
  const auto is_ours = [&](const Trace& each) { return each.id == *ours; };
  if (ours && !looked_at_ours_ && std::none_of(traces_.begin(), traces_.end(), is_ours)) {
    asking_ = Asking::Target;
    next_ = person_by_id(*ours);
    return;
  }
  // Only who came second may have to go; a note tells by itself whose it is.
  const bool twins = traces_.size() > 1 && lost_.kind != ArtifactKind::Note;
  const auto target = id_in(lost_.target.id);
  const bool on_a_person = lost_.kind != ArtifactKind::Contact && lost_.target.type == "contact" && target;
  if (traces_.empty() && on_a_person && among_ == Among::ItsRecord) {
    asking_ = Asking::Target;
    next_ = person_by_id(*target);
  } else if (twins && std::any_of(traces_.begin() + 1, traces_.end(),
                                  [](const Trace& each) { return each.untouched; })) {
    asking_ = Asking::WhoWeAre;
    next_ = who_am_i();
  }
}

void Recalling::absorb_target(const http::Response& reply) {
  const auto gone = is_gone(reply, id_in(lost_.target.id).value_or(0));
  next_.reset();
  if (!gone) {
    failed_ = gone.error();
  } else if (*gone) {
    asking_ = Asking::List;
    among_ = Among::All;
    next_ = recall_of(lost_, since_, among_).value_or(Operation{});
  }
}

// There with another address by now: no list will ever show them under the old one.
void Recalling::absorb_created(const http::Response& reply) {
  looked_at_ours_ = true;
  const auto gone = is_gone(reply, id_in(lost_.id).value_or(0));
  const auto person = gone && !*gone ? read_person(reply) : Result<PersonRow>();
  if (!gone || !person) {
    failed_ = gone ? person.error() : gone.error();
    return;
  }
  gone_ = *gone;
  asking_ = Asking::List;
  if (gone_ && stopped_early_) {
    pages_ = 1;
    next_ = recall_of(lost_, since_).value_or(Operation{});
    return;
  }
  if (!gone_ && traces_.empty() && !is_the_person(*person, lost_.person, lost_.region)) {
    traces_.push_back({person->id, "", false, person->owner, false});
    added_[person->id] = *person->added;
  }
  conclude();
}

Written Recalling::written_in(const Trace& trace) const {
  Written found{std::to_string(trace.id), link_of(lost_, trace.id, base_), Written::How::Existed,
                std::nullopt};
  if (lost_.kind == ArtifactKind::Contact) found.at = added_.at(trace.id);
  const auto deal = std::find_if(lost_.beside.begin(), lost_.beside.end(),
                                 [](const CrmRecord& each) { return each.type == "deal"; });
  // One that people have moved it to is as good.
  if (deal != lost_.beside.end() && trace.deal == 0) found.without.push_back(*deal);
  return found;
}

Result<Recalled> Recalling::finish() const {
  if (failed_) return tl::unexpected(*failed_);
  Recalled recalled;
  recalled.gone = gone_;
  const bool contact = lost_.kind == ArtifactKind::Contact;
  for (const auto& trace : traces_) {
    const bool ours = trace.by_us || (us_ != 0 && trace.creator == us_);
    const bool first = recalled.found.empty();
    const bool removable = ours && trace.untouched;
    if (!contact && !first && !removable) continue;
    auto found = written_in(trace);
    if (contact && !first && removable) recalled.as_sent.push_back(found.id);
    recalled.found.push_back(std::move(found));
  }
  return recalled;
}

}  // namespace aftercall::crm::pipedrive
