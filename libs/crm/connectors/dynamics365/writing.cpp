#include "writing.hpp"

#include <utility>

#include "answer.hpp"
#include "request.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

std::optional<std::size_t> contact_of(const std::vector<Put>& puts, const Put& note) {
  if (note.kind != ArtifactKind::Note || note.mode != Mode::Create || note.target.type != "contact")
    return std::nullopt;
  for (std::size_t i = 0; i < puts.size(); ++i)
    if (puts[i].kind == ArtifactKind::Contact && puts[i].key == note.target.id) return i;
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

std::vector<Operation> Writing::next() const {
  std::vector<Operation> operations;
  for (const auto& state : states_)
    if (state.stage == Stage::Send || state.stage == Stage::Adopt) operations.push_back(state.operation);
  return operations;
}

void Writing::absorb(const std::vector<Result<http::Response>>& replies) {
  std::size_t reply = 0;
  for (std::size_t i = 0; i < states_.size() && reply < replies.size(); ++i)
    if (states_[i].stage == Stage::Send || states_[i].stage == Stage::Adopt) absorb(i, replies[reply++]);
  wake();
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
