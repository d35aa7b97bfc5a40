#include "matcher/ask.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace aftercall::matcher {
namespace {

using Identities = std::vector<std::string>;

// What is in flight while an account's activity types are read; no person's identity.
constexpr const char* the_types = "(activity types)";

Identities identities_of(const std::vector<crm::Question>& questions) {
  Identities all;
  for (const auto& question : questions) {
    if (const auto* by_email = std::get_if<crm::ContactsByEmail>(&question))
      all.insert(all.end(), by_email->emails.begin(), by_email->emails.end());
    if (const auto* by_phone = std::get_if<crm::ContactsByPhone>(&question)) all.push_back(by_phone->e164);
  }
  return all;
}

// The questions as they are without these persons, or of nobody but these.
std::vector<crm::Question> of_others(std::vector<crm::Question> questions, const Identities& identities) {
  const auto named = [&](const std::string& identity) {
    return std::find(identities.begin(), identities.end(), identity) != identities.end();
  };
  std::erase_if(questions, [&](crm::Question& question) {
    if (const auto* by_phone = std::get_if<crm::ContactsByPhone>(&question)) return named(by_phone->e164);
    auto* by_email = std::get_if<crm::ContactsByEmail>(&question);
    if (by_email == nullptr) return false;
    std::erase_if(by_email->emails, named);
    return by_email->emails.empty();
  });
  return questions;
}

Unfinished::Unit unit_of(const Inquiry& inquiry) {
  return {inquiry.sight, inquiry.call.request_id, inquiry.run};
}

void recall(Inquiry& inquiry, const Identities& identities, const Remembered& remembered) {
  const auto now = Remembered::Time::clock::now();
  for (const auto& identity : identities)
    if (const auto* answer = remembered.find(inquiry.sight, identity, now))
      inquiry.known.contacts.emplace(identity, *answer);
}

void remember(const Inquiry& inquiry, const Identities& identities, Remembered& remembered) {
  const auto now = Remembered::Time::clock::now();
  for (const auto& identity : identities) {
    const auto answer = inquiry.known.contacts.find(identity);
    if (answer != inquiry.known.contacts.end() && answer->second)
      remembered.keep(inquiry.sight, identity, *answer->second, now);
  }
}

asio::awaitable<Result<void>> send(std::shared_ptr<Inquiry> inquiry, std::vector<crm::Question> questions,
                                   Shared shared) {
  if (questions.empty()) co_return Result<void>();
  const auto identities = identities_of(questions);
  const auto claim = shared.in_flight->claim(inquiry->sight, identities);
  auto answers = co_await inquiry->connector->look(questions, inquiry->call);
  if (!answers) {
    inquiry->known.spent += crm::spent_in(answers.error());
    co_return tl::unexpected(answers.error());
  }
  absorb(inquiry->known, questions, std::move(*answers));
  remember(*inquiry, identities, *shared.remembered);
  co_return Result<void>();
}

}  // namespace

void recall(Inquiry& inquiry, const std::vector<External>& externals, const Shared& shared) {
  if (auto told = shared.unfinished->take(unit_of(inquiry), Unfinished::Time::clock::now())) {
    inquiry.known.contacts = std::move(told->contacts);
    inquiry.since = told->since;
  }
  if (!inquiry.run.empty()) return;
  for (const auto& external : externals)
    recall(inquiry, Identities{external.email, external.phone}, *shared.remembered);
}

void put_off(const Inquiry& inquiry, const Shared& shared) {
  const auto now = Unfinished::Time::clock::now();
  shared.unfinished->keep(unit_of(inquiry), {inquiry.known.contacts, inquiry.since}, now);
}

asio::awaitable<Result<void>> ask(std::shared_ptr<Inquiry> inquiry, std::vector<crm::Question> questions,
                                  Shared shared) {
  Identities theirs;
  for (auto& identity : identities_of(questions))
    if (inquiry->run.empty() && shared.in_flight->asked(inquiry->sight, identity))
      theirs.push_back(std::move(identity));
  auto ours = of_others(questions, theirs);
  const auto answered = co_await send(inquiry, std::move(ours), shared);
  if (!answered || theirs.empty()) co_return answered;
  const auto until = std::min(std::chrono::steady_clock::now() + shared.patience, inquiry->call.deadline);
  co_await shared.in_flight->wait(inquiry->sight, theirs, until);
  recall(*inquiry, theirs, *shared.remembered);
  // Its look failed, or takes too long: whoever it is about is asked for all the same.
  std::erase_if(questions, [](const crm::Question& each) {
    return !std::holds_alternative<crm::ContactsByEmail>(each) &&
           !std::holds_alternative<crm::ContactsByPhone>(each);
  });
  Identities known;
  for (const auto& [identity, answer] : inquiry->known.contacts) known.push_back(identity);
  auto left = of_others(std::move(questions), known);
  const auto again = co_await send(inquiry, std::move(left), shared);
  co_return again;
}

asio::awaitable<void> read_again(std::shared_ptr<Inquiry> inquiry, Capabilities own, Instant now,
                                 Shared shared) {
  const Identities what{the_types};
  if (shared.in_flight->asked(inquiry->sight, the_types)) {
    const auto until = std::min(std::chrono::steady_clock::now() + shared.patience, inquiry->call.deadline);
    co_await shared.in_flight->wait(inquiry->sight, what, until);
    co_return;
  }
  if (!shared.reread->begin(inquiry->sight, own, now)) co_return;
  const auto claim = shared.in_flight->claim(inquiry->sight, what);
  std::vector<crm::Question> question(1, crm::ActivityTypesNow{});
  auto answers = co_await inquiry->connector->look(std::move(question), inquiry->call);
  if (!answers) {
    inquiry->known.spent += crm::spent_in(answers.error());
    co_return;
  }
  inquiry->known.spent += answers->spent;
  if (answers->each.size() != 1 || !answers->each.front()) co_return;
  shared.reread->keep(inquiry->sight, own, std::move(answers->each.front()->activity_types), now);
}

}  // namespace aftercall::matcher
