#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "crm/question.hpp"
#include "operation.hpp"

namespace aftercall::crm::dynamics365 {

// A session's questions while their answers come in, page by page: pure, so that every way through it is
// tested without a network.
class Reading {
 public:
  Reading(std::vector<Question> questions, bool with_accounts, std::string base);

  // What to send next; empty when everything is answered, or when enough pages were turned.
  std::vector<Operation> next() const;
  void absorb(const std::vector<Result<http::Response>>& replies);  // to next(), in its order
  std::vector<Result<Answer>> finish() const;

 private:
  struct Query {
    std::size_t question = 0;
    std::size_t part = 0;  // which of the question's queries it began as
    Operation operation;
    bool first = false;  // neither a further page nor a repetition
  };
  struct State {
    Page found;
    std::optional<Failure> failed;
    bool accounts_refused = false;
  };
  std::optional<Operation> without_accounts(const Query& refused) const;
  std::optional<Query> absorb(const Query& query, const Result<http::Response>& reply);

  std::vector<Question> questions_;
  std::string base_;
  bool with_accounts_;
  std::vector<State> states_;  // one a question
  std::vector<Query> open_;
  int pages_ = 0;
};

}  // namespace aftercall::crm::dynamics365
