#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/session.hpp"

namespace aftercall::wire {

// Kafka keys made of several parts: each part percent-encoded (RFC 3986 unreserved characters stay), joined
// by '/'.
std::string join_key(std::initializer_list<std::string_view> parts);
std::optional<std::vector<std::string>> split_key(std::string_view key);  // nothing if an escape is broken

std::string key_of(const SessionKey& session);  // tenant/source/session: the key of every data topic

}  // namespace aftercall::wire
