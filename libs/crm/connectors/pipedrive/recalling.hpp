#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "crm/put.hpp"
#include "operation.hpp"
#include "request.hpp"

namespace aftercall::crm::pipedrive {

// The search for a put whose answer was lost, page by page: pure. It reads lists, which are true now, and
// never the search, whose index lags. What hung on a person who was merged since hangs on another one now,
// and nobody says on whom: then all that was changed since is read. So it is with a contact whom we created:
// if the list does not show them they are looked at by themselves, and if they are gone, whoever has their
// address by now may have been there for long.
class Recalling {
 public:
  Recalling(Put lost, Instant since, std::string base);

  std::optional<Operation> next() const;  // nothing at the end
  void absorb(const Result<http::Response>& reply);
  // Lowest id first. Of notes and activities after it only what was made by this very connection and what
  // nobody has touched, for the others may be removed: a person may have copied our text, reference included,
  // into a note of their own.
  Result<Recalled> finish() const;

 private:
  void absorb_persons(const http::Response& reply);
  void absorb_traces(const http::Response& reply);
  void absorb_user(const http::Response& reply);
  void absorb_target(const http::Response& reply);
  void absorb_created(const http::Response& reply);
  void turn(const std::optional<std::int64_t>& start, const std::string& cursor);
  void conclude();
  Written written_in(const Trace& trace) const;

  Put lost_;
  Instant since_;
  std::string base_;
  std::vector<Trace> traces_;
  std::map<std::int64_t, Instant> added_;  // persons
  std::optional<Operation> next_;
  std::optional<Failure> failed_;
  enum class Asking { List, Target, WhoWeAre } asking_ = Asking::List;
  Among among_ = Among::ItsRecord;
  std::int64_t us_ = 0;
  int pages_ = 1;
  bool stopped_early_ = false;  // what is older was not read
  bool looked_at_ours_ = false;
  bool gone_ = false;
};

}  // namespace aftercall::crm::pipedrive
