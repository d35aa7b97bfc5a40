#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

#include "domain/failure.hpp"
#include "http/message.hpp"
#include "operation.hpp"

namespace aftercall::crm::pipedrive {

// How fast a connection may ask: a burst limit for each token, one of its own for searching, and a daily
// budget of the whole company. Answers tell, and nobody else decides: a lane, and what control releases to
// it, rest for as long as is said here. Time comes in, nothing waits here.
class Pace {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  explicit Pace(int daily_share);

  // Nothing when the operation may go out now; it then counts as sent. Else how long not yet, and why.
  struct Wait {
    std::chrono::milliseconds time;
    std::string_view why;
  };
  std::optional<Wait> take(const Operation& operation, Moment now);

  // The wait of a search before which so many others go out, as far as can be foreseen.
  Wait foresee_search(std::size_t others, Moment now) const;

  // What the answer says about what may follow.
  void heed(const Operation& operation, const http::Response& answer, Moment now);

  // Of an answer that is 429 or a shut door, after it was heeded: how long the whole connection rests.
  std::chrono::milliseconds rest_after(const Operation& operation, const http::Response& answer,
                                       Moment now) const;

 private:
  // What may go out in any two seconds. After a refusal that is one request, and one more with each answer,
  // until it is again what the vendor allows: what waited does not go out all at once.
  struct Window {
    std::size_t most;
    std::size_t trusted = most;
    std::deque<Moment> sent{};
    Moment shut_until{};

    void forget(Moment now);
    std::optional<std::chrono::milliseconds> full(Moment now);
    Moment free_after(std::size_t others, Moment from) const;
    void heed(const http::Headers& headers, std::size_t allowed, bool refused, Moment now);
  };
  void heed_budget(const http::Headers& headers, Moment now);
  void rest(std::chrono::milliseconds time, std::string_view why, Moment now);
  std::chrono::milliseconds rest_of(const Operation& operation, const http::Response& answer) const;

  int daily_share_;
  int refusals_ = 0;  // 429 after a wait after 429, with nothing else between
  Moment refused_until_{};
  Window burst_;
  Window search_;
  Moment rest_until_{};
  std::string_view resting_;
};

}  // namespace aftercall::crm::pipedrive
