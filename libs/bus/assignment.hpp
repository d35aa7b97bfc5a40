#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace aftercall::bus {

// The partitions of a topic in what the leader of a consumer group assigned to a member: bytes that the
// broker keeps and does not look into. Nothing of bytes that do not keep to Kafka's form.
std::vector<int> assigned_in(std::string_view assignment, std::string_view topic);

}  // namespace aftercall::bus
