#pragma once
#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "crm/connector.hpp"
#include "domain/id.hpp"

namespace aftercall::matcher {

// One CRM, seen with one connection's rights. The account belongs to one tenant; a connection's id is only
// the tenant's own name for it, and two tenants may choose the same.
struct Sight {
  CrmAccount account;
  ConnectionId connection;
  auto operator<=>(const Sight&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
};

// Who answered to an identity a moment ago, by what was asked: several sessions of one person within a minute
// need one look. Pure but for its contents; time is an argument.
class Remembered {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Somebody stays for a minute; nobody for ten seconds, since a contact made now should be found soon.
  static constexpr std::chrono::seconds somebody_for{60};
  static constexpr std::chrono::seconds nobody_for{10};
  static constexpr std::size_t most = 20'000;

  const crm::Answer* find(const Sight& sight, const std::string& identity, Time now) const;
  void keep(const Sight& sight, const std::string& identity, crm::Answer answer, Time now);

 private:
  struct Entry {
    crm::Answer answer;
    Time until;
  };
  void make_room(Time now);
  std::map<std::pair<Sight, std::string>, Entry> entries_;
};

}  // namespace aftercall::matcher
