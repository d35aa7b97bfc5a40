#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "crm/question.hpp"
#include "operation.hpp"

namespace aftercall::crm::pipedrive {

// A session's questions while their answers come in, one request after the other: pure, so that every way
// through it is tested without a network.
class Reading {
 public:
  Reading(std::vector<Question> questions, std::string base);

  // What to send next; nothing when everything is answered.
  std::optional<Operation> next() const;
  std::size_t searches() const;  // how many of those that follow search, as far as is known
  void absorb(const Result<http::Response>& reply);  // to next()
  // What concerns the whole connection ends it: the questions that are still open fail alike.
  void stop(const Failure& failure);
  std::vector<Result<Answer>> finish() const;

 private:
  struct Step {
    std::size_t question = 0;
    std::string email;  // of ContactsByEmail: the one that is asked for
    Operation operation;
    int page = 1;
    bool loose = false;  // of ContactsByPhone: not for one notation alone
  };
  struct State {
    Answer answer;
    std::optional<Failure> failed;
    bool begun = false;   // one e-mail of several is answered
    bool digits = false;  // a phone was found by its digits, whatever stands between them
  };
  void ask(std::size_t question);
  void fail_with(const Step& step, const Failure& failure);
  void absorb_types(const Step& step, const http::Response& reply);
  void absorb_persons(Step step, const http::Response& reply);
  void spare_notations(std::size_t question, bool everybody);
  void absorb_deal(Step step, const http::Response& reply);

  std::vector<Question> questions_;
  std::string base_;
  std::vector<State> states_;  // one a question
  std::deque<Step> steps_;
};

}  // namespace aftercall::crm::pipedrive
