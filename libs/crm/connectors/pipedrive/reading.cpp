#include "reading.hpp"

#include <algorithm>
#include <utility>

#include "address.hpp"
#include "identity/phone.hpp"
#include "request.hpp"
#include "rights.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr int most_pages = 5;  // of 100: an address that more persons share has another problem

FoundContact found(const PersonRow& row, const std::string& region, const std::string& base) {
  FoundContact contact;
  const auto id = std::to_string(row.id);
  contact.record = {"contact", id, row.name, link_to(base, "contact", id)};
  for (const auto& text : row.phones)
    if (auto e164 = identity::to_e164(text, region)) contact.phones.push_back(std::move(*e164));
  return contact;
}

bool known(const Answer& answer, const std::string& id, const std::string& email) {
  return std::any_of(answer.contacts.begin(), answer.contacts.end(), [&](const FoundContact& contact) {
    return contact.record.id == id && contact.email == email;
  });
}

void take(Answer& answer, const std::string& email, const PersonRow& row, const std::string& base) {
  if (!has_email(row, email) || known(answer, std::to_string(row.id), email)) return;
  auto contact = found(row, "", base);
  contact.email = email;
  answer.contacts.push_back(std::move(contact));
}

void take(Answer& answer, const ContactsByPhone& asked, const PersonRow& row, const std::string& base) {
  if (!has_phone(row, asked.e164, asked.region) || known(answer, std::to_string(row.id), "")) return;
  auto contact = found(row, asked.region, base);
  // Free text may hold the number beside other things.
  if (std::find(contact.phones.begin(), contact.phones.end(), asked.e164) == contact.phones.end())
    contact.phones.push_back(asked.e164);
  answer.contacts.push_back(std::move(contact));
}

// Somebody was found whose number stands there in another notation than the one that was searched for: the
// API compares digits, and no other notation would find more.
bool compares_digits(const PersonRow& row, const ContactsByPhone& asked) {
  const auto national = identity::search_for(asked.e164, asked.region).national;
  return std::any_of(row.phones.begin(), row.phones.end(), [&](const std::string& text) {
    return text.find(national) == std::string::npos && identity::same_number(text, asked.e164, asked.region);
  });
}

// The API does not tell a search's ages: the lower id is the older.
bool older(const FoundContact& a, const FoundContact& b) {
  return id_in(a.record.id).value_or(0) < id_in(b.record.id).value_or(0);
}

}  // namespace

Reading::Reading(std::vector<Question> questions, std::string base)
    : questions_(std::move(questions)), base_(std::move(base)), states_(questions_.size()) {
  for (std::size_t i = 0; i < questions_.size(); ++i) ask(i);
}

// Appointments are not asked for: none bears a join URL here.
void Reading::ask(std::size_t question) {
  const auto add = [&](Operation operation, std::string email = "") {
    steps_.push_back({question, std::move(email), std::move(operation)});
  };
  if (const auto* const people = std::get_if<ContactsByEmail>(&questions_[question])) {
    auto emails = people->emails;
    std::erase(emails, "");
    for (const auto& email : emails) add(persons_by_email(email), email);
  } else if (const auto* const caller = std::get_if<ContactsByPhone>(&questions_[question])) {
    for (auto& operation : persons_by_phone(caller->e164, caller->region)) {
      const bool loose = steps_.empty() || steps_.back().question != question;
      add(std::move(operation));
      steps_.back().loose = loose;
    }
  } else if (const auto* const deal = std::get_if<DealById>(&questions_[question])) {
    if (const auto id = id_in(deal->id)) add(deal_by_id(*id));
  } else if (const auto* const owner = std::get_if<NewestDealOf>(&questions_[question])) {
    if (const auto id = id_in(owner->contact.id)) add(newest_deals_of(*id));
  } else if (std::holds_alternative<ActivityTypesNow>(questions_[question])) {
    add(activity_types());
  }
}

std::optional<Operation> Reading::next() const {
  if (steps_.empty()) return std::nullopt;
  return steps_.front().operation;
}

std::size_t Reading::searches() const {
  const auto count =
      std::count_if(steps_.begin(), steps_.end(), [](const Step& step) { return step.operation.search; });
  return static_cast<std::size_t>(count);
}

void Reading::absorb(const Result<http::Response>& reply) {
  if (steps_.empty()) return;
  auto step = std::move(steps_.front());
  steps_.pop_front();
  if (!reply)
    fail_with(step, reply.error());
  else if (step.operation.search)
    absorb_persons(std::move(step), *reply);
  else if (std::holds_alternative<ActivityTypesNow>(questions_[step.question]))
    absorb_types(step, *reply);
  else
    absorb_deal(std::move(step), *reply);
}

// Half an answer about a person is none: whoever was not found might be there. Who was asked for before stays
// answered; who comes after is not asked for any more, since the session waits for this one anyway.
void Reading::fail_with(const Step& step, const Failure& failure) {
  auto& state = states_[step.question];
  if (state.begun) {
    std::erase_if(state.answer.contacts, [&](const FoundContact& each) { return each.email == step.email; });
    state.answer.unread.emplace(step.email, failure);
  } else {
    state.failed = failure;
  }
  std::erase_if(steps_, [&](const Step& other) {
    if (other.question != step.question) return false;
    if (state.begun) state.answer.unread.emplace(other.email, failure);
    return true;
  });
}

void Reading::absorb_persons(Step step, const http::Response& reply) {
  auto page = read_search(reply);
  if (!page) return fail_with(step, page.error());
  auto& answer = states_[step.question].answer;
  const auto* const caller = std::get_if<ContactsByPhone>(&questions_[step.question]);
  for (const auto& row : page->persons) {
    if (caller == nullptr) {
      take(answer, step.email, row, base_);
      continue;
    }
    take(answer, *caller, row, base_);
    states_[step.question].digits |= step.loose && compares_digits(row, *caller);
  }
  if (!page->cursor.empty()) {
    if (step.page == most_pages)
      return fail_with(step,
                       Failure{Cause::Rejected, "hundreds of persons answer to one look-up", std::nullopt});
    step.operation = next_page(std::move(step.operation), page->cursor);
    ++step.page;
    steps_.push_front(std::move(step));
    return;
  }
  if (caller == nullptr)
    states_[step.question].begun = true;
  else if (!answer.contacts.empty())
    spare_notations(step.question, caller->everybody);
}

// Searches are what there is least of: the other notations are tried only while nobody was found, or if
// everybody is wanted and they may find more.
void Reading::spare_notations(std::size_t question, bool everybody) {
  const bool finds_all = states_[question].digits;
  if (everybody && !finds_all) return;
  const auto spared = std::erase_if(steps_, [&](const Step& other) { return other.question == question; });
  if (!finds_all) states_[question].answer.unasked = spared;
}

void Reading::absorb_deal(Step step, const http::Response& reply) {
  const auto* const owner = std::get_if<NewestDealOf>(&questions_[step.question]);
  const auto deal = owner == nullptr ? read_deal(reply, base_)
                                     : read_newest_deal(reply, id_in(owner->contact.id).value_or(0), base_);
  if (!deal) return fail_with(step, deal.error());
  if (!deal->record && !deal->cursor.empty() && step.page < most_pages) {
    step.operation = next_page(std::move(step.operation), deal->cursor);
    ++step.page;
    steps_.push_front(std::move(step));
    return;
  }
  auto& answer = states_[step.question].answer;
  answer.deal = deal->record;
  answer.inactive = deal->gone ? 1 : 0;
}

void Reading::absorb_types(const Step& step, const http::Response& reply) {
  auto types = read_activity_types(reply);
  if (!types) return fail_with(step, types.error());
  states_[step.question].answer.activity_types = std::move(*types);
}

void Reading::stop(const Failure& failure) {
  while (!steps_.empty()) fail_with(Step(steps_.front()), failure);
}

std::vector<Result<Answer>> Reading::finish() const {
  std::vector<Result<Answer>> answers;
  for (const auto& state : states_) {
    if (state.failed) {
      answers.emplace_back(tl::unexpected(*state.failed));
      continue;
    }
    auto answer = state.answer;
    std::stable_sort(answer.contacts.begin(), answer.contacts.end(), older);
    answers.emplace_back(std::move(answer));
  }
  return answers;
}

}  // namespace aftercall::crm::pipedrive
