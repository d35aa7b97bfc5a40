#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "control/configuration/apply.hpp"
#include "control/sign_in/seal.hpp"
#include "domain/record.hpp"
#include "wire/topics.hpp"

// Control's decisions as records of its three topics.
namespace aftercall::control {

// `before`: the record that it replaces, if a newer release wrote more into it than is known here.
Draft config_draft(const wire::TopicNames& topics, const Write& write, std::int64_t owner_epoch,
                   std::string_view before);

// "I am the owner now": raises the epoch that readers believe, and says where the owner listens.
Draft claim_draft(const wire::TopicNames& topics, std::int64_t owner_epoch, const std::string& address);

// What is sealed for a connection lies, and is bound to, this key.
std::string secret_key(const TenantId& tenant, const ConnectionId& connection);
Draft secret_draft(const wire::TopicNames& topics, const std::string& key, const Sealed& sealed,
                   std::int64_t owner_epoch);
Draft secret_removal(const wire::TopicNames& topics, const std::string& key, std::int64_t owner_epoch);

// An active segment is only rolled by an append: without one now and then a removed secret would stay on
// disk.
inline constexpr std::string_view heartbeat_key = "-/heartbeat/control";
Draft heartbeat_draft(const wire::TopicNames& topics, std::int64_t owner_epoch);

Draft audit_draft(const wire::TopicNames& topics, const Audited& entry, const std::string& who, Instant at);

}  // namespace aftercall::control
