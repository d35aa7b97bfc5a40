#include "reading.hpp"

#include <iterator>
#include <utility>

#include "envelope.hpp"
#include "request.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

constexpr int most_pages = 8;  // of 500 rows: an address with more contacts than that has another problem

template <class T>
void append(std::vector<T>& all, std::vector<T>& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Reading::Reading(std::vector<Question> questions, bool with_accounts, std::string base)
    : questions_(std::move(questions)),
      base_(std::move(base)),
      with_accounts_(with_accounts),
      states_(questions_.size()) {
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    std::size_t part = 0;
    for (auto& operation : queries_for(questions_[i], with_accounts))
      open_.push_back({i, part++, std::move(operation), true});
  }
}

std::vector<Operation> Reading::next() const {
  std::vector<Operation> operations;
  if (pages_ == most_pages) return operations;
  for (const auto& query : open_) operations.push_back(query.operation);
  return operations;
}

void Reading::absorb(const std::vector<Result<http::Response>>& replies) {
  std::vector<Query> still_open;
  for (std::size_t i = 0; i < open_.size() && i < replies.size(); ++i)
    if (auto more = absorb(open_[i], replies[i])) still_open.push_back(std::move(*more));
  open_ = std::move(still_open);
  ++pages_;
}

// The same query for whoever may not read accounts, if it asked for them; once.
std::optional<Operation> Reading::without_accounts(const Query& refused) const {
  if (!with_accounts_ || !refused.first) return std::nullopt;
  auto without = queries_for(questions_[refused.question], false);
  if (refused.part >= without.size() || without[refused.part].path == refused.operation.path)
    return std::nullopt;
  return std::move(without[refused.part]);
}

std::optional<Reading::Query> Reading::absorb(const Query& query, const Result<http::Response>& reply) {
  auto& state = states_[query.question];
  auto page = reply ? read_page(questions_[query.question], *reply, base_)
                    : Result<Page>(tl::unexpected(reply.error()));
  // The right to accounts may have gone since the account was described: people are found without it.
  if (!page && page.error().cause == Cause::NotPermitted)
    if (auto without = without_accounts(query)) {
      state.accounts_refused = true;
      return Query{query.question, query.part, std::move(*without), false};
    }
  if (!page) {
    state.failed = page.error();
    return std::nullopt;
  }
  append(state.found.contacts, page->contacts);
  append(state.found.appointments, page->appointments);
  if (page->next.empty()) return std::nullopt;
  auto more = next_page(page->next, service_root_of(base_));
  if (more) return Query{query.question, query.part, std::move(*more), false};
  state.failed = more.error();
  return std::nullopt;
}

std::vector<Result<Answer>> Reading::finish() const {
  auto states = states_;
  for (const auto& query : open_)
    if (!states[query.question].failed)
      states[query.question].failed = Failure{Cause::Rejected, "thousands of records answer to one look-up"};
  std::vector<Result<Answer>> answers;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (states[i].failed) {
      answers.emplace_back(tl::unexpected(*states[i].failed));
      continue;
    }
    auto answer = judge(questions_[i], states[i].found, base_);
    answer.accounts_refused = states[i].accounts_refused;
    answers.emplace_back(std::move(answer));
  }
  return answers;
}

}  // namespace aftercall::crm::dynamics365
