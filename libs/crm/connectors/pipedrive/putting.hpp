#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crm/put.hpp"
#include "http/message.hpp"
#include "operation.hpp"
#include "request.hpp"

namespace aftercall::crm::pipedrive {

// One put on its way, from request to request: pure. What was refused for the sake of a record beside it (a
// deal or a participant that people have taken away since) goes out once more without that.
class Putting {
 public:
  Putting(Put put, std::string base);

  std::optional<Operation> next() const;  // nothing when all is said
  // `undecided`: no answer came, and the request may have had its effect.
  void absorb(const Result<http::Response>& reply, bool undecided);
  Result<Written> finish() const { return outcome_; }

 private:
  enum class Asking { WhoTookPart, WhoIsThere, Record };
  void send();
  void absorb_participants(const Result<http::Response>& reply);
  void absorb_persons(const Result<http::Response>& reply);
  void absorb_record(const Result<http::Response>& reply, bool undecided);
  void go_on_without_deal();
  void leave_out(const CrmRecord& record, const std::string& why);
  void conclude(Result<Written> outcome);
  bool is_added(std::int64_t person) const;

  Put put_;
  std::string base_;
  Asking asking_ = Asking::Record;
  std::optional<Operation> next_;
  Participants participants_;        // of an update that adds some: all of them
  std::vector<std::int64_t> added_;  // persons beside that this put brings to its activity
  Failure refusal_;
  bool asked_who_is_there_ = false;
  std::string left_out_;
  std::vector<CrmRecord> without_;
  Result<Written> outcome_;
};

}  // namespace aftercall::crm::pipedrive
