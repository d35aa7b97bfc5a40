#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "bus/producer.hpp"
#include "control/configuration/apply.hpp"
#include "control/configuration/ownership.hpp"
#include "control/sign_in/vault.hpp"
#include "tenancy/following.hpp"

namespace aftercall::control {

// Carries out what was decided: the only writer of tenant.config, tenant.secret and audit. One change at a
// time, each decided on the directory as it is then, by the owner alone.
class Changes {
 public:
  struct Parts {
    bus::Producer& producer;
    wire::TopicNames topics;
    Ownership& ownership;
    tenancy::Directory& directory;
    Vault& vault;
    tenancy::Following& config;
    tenancy::Following& secrets;
    Turns& turns;
  };
  explicit Changes(Parts parts) : parts_(std::move(parts)) {}

  // `decide` is called when it is this change's turn. Answers what was decided once all of it is acked and
  // can be read here. After a failure some of it may be written: the same change again does the rest.
  using Decide = std::function<Result<Decision>()>;
  asio::awaitable<Result<Decision>> carry_out(Decide decide, std::string who, bus::Deadline deadline);

  // What a replaced owner wrote after its time is believed by no reader, but compaction would keep it and
  // drop what it seemed to replace. So the owner writes that again.
  asio::awaitable<void> repair(std::string key);
  asio::awaitable<void> repair_secret(std::string key);

  // Each record of tenant.config, once it was applied: what is not known here is kept when it is replaced.
  void heard(const Record& record, tenancy::Applied applied);

  asio::awaitable<Result<void>> heartbeat(bus::Deadline deadline);

 private:
  asio::awaitable<Result<void>> prepare(bus::Deadline deadline);
  asio::awaitable<Result<void>> publish(Draft draft);
  asio::awaitable<Result<void>> publish_all(std::vector<Draft> drafts);
  Result<std::vector<Draft>> drafts_of(const Decision& decision, const std::string& who) const;
  Draft draft_of(const Write& write) const;

  Parts parts_;
  std::map<std::string, std::string> newer_;  // by key, only those that have more
};

}  // namespace aftercall::control
