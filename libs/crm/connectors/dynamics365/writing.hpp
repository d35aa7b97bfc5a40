#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "crm/put.hpp"
#include "envelope.hpp"
#include "operation.hpp"

namespace aftercall::crm::dynamics365 {

// A session's puts while their answers come in: pure. One round does, almost always. A note on a contact that
// is put in the same call must not land on one that turns out to be somebody else's by now, so that the first
// round stops at its first failure; what it left unsent follows once the contact is decided, and a contact
// that existed already is read before that.
class Writing {
 public:
  Writing(std::vector<Put> puts, std::string base);

  struct Round {
    std::vector<Operation> operations;  // empty at the end
    OnFailure on_failure = OnFailure::GoOn;
  };
  Round next() const;
  // To next(), in its order. Fewer than were sent: a round that stopped.
  void absorb(const std::vector<Result<http::Response>>& replies);
  std::vector<Result<Written>> finish() const;

 private:
  enum class Stage { Send, Adopt, Wait, Done };
  struct State {
    Stage stage = Stage::Send;
    Operation operation;
    std::optional<std::size_t> contact;  // the put that this note's target comes from
    Result<Written> result;
  };
  bool together() const;  // notes go out with their contacts, in a round that stops
  bool goes_out(const State& state) const;
  void absorb(std::size_t put, const Result<http::Response>& reply);
  void wake();                        // notes whose contact is decided
  void stop(const Failure& because);  // what is not decided yet is not sent

  std::vector<Put> puts_;
  std::string base_;
  std::vector<State> states_;  // one a put
  bool first_ = true;
};

}  // namespace aftercall::crm::dynamics365
