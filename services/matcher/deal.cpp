#include "matcher/deal.hpp"

#include <algorithm>

namespace aftercall::matcher {
namespace {

constexpr const char* own = "the session's own deal";
constexpr const char* left_out = "link to a deal";

bool found(const std::optional<Result<crm::Answer>>& answer) {
  return answer && *answer && (*answer)->deal.has_value();
}

std::string answer_text(const Result<crm::Answer>& answer) {
  if (!answer) return "not read: " + answer.error().detail;
  return answer->deal ? "found: " + answer->deal->id : "none";
}

std::string why_none(const Matched& matched, const Known& known) {
  if (known.newest_deal && !*known.newest_deal) return known.newest_deal->error().detail;
  std::string why =
      main_person(matched) == nullptr ? "nobody of the session has a contact yet" : "the contact has no deal";
  if (!known.own_deal) return why;
  return (*known.own_deal ? std::string(own) + " is not there" : known.own_deal->error().detail) + "; " + why;
}

// A CRM without deals misses none.
void say_what_is_needed(Matched& matched) {
  const auto& right = matched.capabilities.deals_need;
  if (!right.empty())
    matched.left_out.push_back(
        {left_out, "the connection lacks the right " + right + "; grant it and connect again"});
}

}  // namespace

const ParticipantMatch* main_person(const Matched& matched) {
  const auto person = std::find_if(matched.participants.begin(), matched.participants.end(),
                                   [](const ParticipantMatch& match) { return match.contact.has_value(); });
  return person == matched.participants.end() ? nullptr : &*person;
}

std::vector<crm::Question> own_deal_question(const Session& session, const Capabilities& can) {
  const auto hint = session.crm_hints.find("deal_id");
  if (!can.deals || hint == session.crm_hints.end() || hint->second.empty()) return {};
  return {crm::DealById{hint->second}};
}

std::vector<crm::Question> newest_deal_question(const Matched& matched, const Known& known) {
  const auto* const person = main_person(matched);
  if (!matched.capabilities.deals || person == nullptr || found(known.own_deal)) return {};
  return {crm::NewestDealOf{*person->contact}};
}

std::optional<Failure> unread_deal(const Known& known, bool tried) {
  if (found(known.own_deal)) return std::nullopt;
  for (const auto* answer : {&known.own_deal, &known.newest_deal})
    if (*answer && !**answer && is_waited_for((*answer)->error().cause, tried)) return (*answer)->error();
  return std::nullopt;
}

void judge_deal(Matched& matched, const Known& known) {
  if (!matched.capabilities.deals) return say_what_is_needed(matched);
  if (known.own_deal) matched.lookups.push_back({own, answer_text(*known.own_deal)});
  if (known.newest_deal)
    matched.lookups.push_back(
        {"newest deal of participant " + std::to_string(main_person(matched)->participant),
         answer_text(*known.newest_deal)});
  matched.own_deal = found(known.own_deal);
  if (matched.own_deal)
    matched.deal = (*known.own_deal)->deal;
  else if (found(known.newest_deal))
    matched.deal = (*known.newest_deal)->deal;
  else
    matched.left_out.push_back({left_out, why_none(matched, known)});
}

}  // namespace aftercall::matcher
