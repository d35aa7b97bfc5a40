#include "writing.hpp"

#include <algorithm>
#include <utility>

#include "answer.hpp"
#include "refusal.hpp"
#include "request.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

std::optional<std::size_t> contact_of(const std::vector<Put>& puts, const Put& note) {
  if (note.kind != ArtifactKind::Note || note.mode != Mode::Create || note.target.type != "contact")
    return std::nullopt;
  // Only an earlier one: what comes later cannot have made the note's target.
  for (std::size_t i = 0; i < puts.size() && &puts[i] != &note; ++i)
    if (puts[i].kind == ArtifactKind::Contact && puts[i].key == note.target.id) return i;
  return std::nullopt;
}

// Whosever part it was that the CRM answered so, all wait.
std::optional<Failure> asked_to_wait(const std::vector<Result<http::Response>>& replies) {
  for (const auto& reply : replies) {
    if (!reply || succeeded(*reply)) continue;
    if (auto failure = failure_of(*reply); failure.cause == Cause::RateLimited) return failure;
  }
  return std::nullopt;
}

}  // namespace

Writing::Writing(std::vector<Put> puts, std::string base)
    : puts_(std::move(puts)), base_(std::move(base)), states_(puts_.size()) {
  for (std::size_t i = 0; i < puts_.size(); ++i) {
    auto& state = states_[i];
    auto operation = operation_for(puts_[i]);
    state.contact = contact_of(puts_, puts_[i]);
    if (!operation) {
      state.stage = Stage::Done;
      state.result = tl::unexpected(operation.error());
      continue;
    }
    state.operation = std::move(*operation);
    state.result = fail(Cause::ServerError, "was not sent");
    if (state.contact) state.stage = Stage::Wait;
  }
  wake();
}

bool Writing::together() const {
  return first_ && std::any_of(states_.begin(), states_.end(),
                               [](const State& state) { return state.stage == Stage::Wait; });
}

bool Writing::goes_out(const State& state) const {
  return state.stage == Stage::Send || state.stage == Stage::Adopt ||
         (state.stage == Stage::Wait && together());
}

Writing::Round Writing::next() const {
  Round round;
  if (together()) round.on_failure = OnFailure::Stop;
  for (const auto& state : states_)
    if (goes_out(state)) round.operations.push_back(state.operation);
  return round;
}

void Writing::absorb(const std::vector<Result<http::Response>>& replies) {
  std::vector<std::size_t> sent;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (goes_out(states_[i])) sent.push_back(i);
  first_ = false;
  // Of a round that stopped, some servers tell the failure alone: whose it is, is not known then. Everything
  // has a key, so that everything can be sent again.
  const bool whose = replies.size() > 1 || sent.size() == 1;
  for (std::size_t i = 0; whose && i < sent.size() && i < replies.size(); ++i) absorb(sent[i], replies[i]);
  wake();
  if (const auto wait = asked_to_wait(replies)) stop(*wait);
}

void Writing::absorb(std::size_t put, const Result<http::Response>& reply) {
  auto& state = states_[put];
  const auto stage = std::exchange(state.stage, Stage::Done);
  if (!reply) {
    state.result = tl::unexpected(reply.error());
    return;
  }
  if (stage == Stage::Adopt) {
    state.result = adopt(puts_[put], *reply, base_);
    return;
  }
  auto written = read_written(puts_[put], *reply, base_);
  if (!written) {
    state.result = tl::unexpected(written.error());
  } else if (*written) {
    state.result = std::move(**written);
  } else {
    state.stage = Stage::Adopt;
    state.operation = contact_by_key(puts_[put].key);
  }
}

void Writing::stop(const Failure& because) {
  for (auto& state : states_) {
    if (state.stage == Stage::Done) continue;
    state.stage = Stage::Done;
    state.result = tl::unexpected(because);
  }
}

void Writing::wake() {
  for (auto& state : states_) {
    if (state.stage != Stage::Wait) continue;
    const auto& contact = states_[*state.contact];
    if (contact.stage != Stage::Done) continue;
    state.stage = contact.result ? Stage::Send : Stage::Done;
    if (!contact.result) state.result = tl::unexpected(contact.result.error());
  }
}

std::vector<Result<Written>> Writing::finish() const {
  std::vector<Result<Written>> results;
  for (const auto& state : states_) results.push_back(state.result);
  return results;
}

}  // namespace aftercall::crm::dynamics365
