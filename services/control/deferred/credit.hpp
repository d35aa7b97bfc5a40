#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/deferred/deferral.hpp"

namespace aftercall::control {

// How many released units of an account may be on their way at once: a thousand that are due together must
// not fill the topics, and the account's lane, in front of everybody's new sessions.
class Credit {
 public:
  struct Limits {
    std::size_t units = 64;  // of one account; twice what its lane works on at once
    // A unit whose end we have not seen by then (its stage stands still, or told before we listened) does not
    // count any more.
    std::chrono::minutes patience{5};
  };
  explicit Credit(Limits limits) : limits_(limits) {}

  bool left(const std::string& turn, Instant now) const;
  void take(const Deferral& deferral, Instant now);
  void give_back(const Deferral& deferral);  // it was not released after all

  // How a copy that we released ended: settled, or deferred again. Nothing: the copy was not ours.
  struct End {
    std::string session;
    CrmAccount unit;
    int attempt = 1;
  };
  struct Lent {
    std::string turn;
    CrmAccount unit;
    int attempt = 1;  // of the copy
    Instant at{};
  };
  std::optional<Lent> ended(const End& end);
  void expire(Instant now);

  // What came back because its account rests: until then no more of it is released.
  void rest(const std::string& turn, Instant until);

 private:
  void returned(const Lent& lent);

  Limits limits_;
  std::map<std::string, std::vector<Lent>> lent_;  // by session
  std::map<std::string, std::size_t> counts_;      // by turn
  std::map<std::string, Instant> rests_;           // by turn
};

}  // namespace aftercall::control
