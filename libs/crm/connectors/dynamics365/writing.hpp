#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "crm/put.hpp"
#include "operation.hpp"

namespace aftercall::crm::dynamics365 {

// A session's puts while their answers come in: pure. Usually one round does. A second follows where a
// contact is put in the same call as a note that hangs on it, for the note must not land on a contact that
// turns out to be somebody else's by now; and where a contact existed already, a round reads it first.
class Writing {
 public:
  Writing(std::vector<Put> puts, std::string base);

  std::vector<Operation> next() const;                              // empty at the end
  void absorb(const std::vector<Result<http::Response>>& replies);  // to next(), in its order
  std::vector<Result<Written>> finish() const;

 private:
  enum class Stage { Send, Adopt, Wait, Done };
  struct State {
    Stage stage = Stage::Send;
    Operation operation;
    std::optional<std::size_t> contact;  // the put that this note's target comes from
    Result<Written> result;
  };
  void absorb(std::size_t put, const Result<http::Response>& reply);
  void wake();  // notes whose contact is decided

  std::vector<Put> puts_;
  std::string base_;
  std::vector<State> states_;  // one a put
};

}  // namespace aftercall::crm::dynamics365
