#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "process/tasks.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// Does one thing for each of many connections: a few at a time, so that a CRM that hangs delays no other's,
// and for a connection once at a time. The work has a deadline of its own. Used by one thread; outlives its
// tasks.
class SideBySide {
 public:
  using Work = std::function<asio::awaitable<void>(tenancy::ConnectionPtr)>;
  SideBySide(process::Tasks& tasks, std::string name, Work work)
      : tasks_(tasks), name_(std::move(name)), work_(std::move(work)) {}

  static constexpr std::size_t at_once = 8;

  // At once or in line, where each stands once. Who is at work already is done once more afterwards: what it
  // is done for may have come about after it began.
  void begin(const std::vector<tenancy::ConnectionPtr>& connections);
  void stop() { line_.clear(); }  // what is at work ends by itself

 private:
  using Name = std::pair<TenantId, ConnectionId>;
  static Name name_of(const Connection& connection) { return {connection.tenant, connection.id}; }
  void fill();
  asio::awaitable<void> do_one(tenancy::ConnectionPtr connection);

  process::Tasks& tasks_;
  std::string name_;
  Work work_;
  std::deque<tenancy::ConnectionPtr> line_;
  std::set<Name> at_work_;
};

}  // namespace aftercall::control
