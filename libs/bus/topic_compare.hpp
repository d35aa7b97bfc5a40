#pragma once
#include <map>
#include <string>
#include <vector>

#include "bus/admin.hpp"

namespace aftercall::bus {

struct ExistingTopic {
  int partitions = 0, replication = 0;
  std::map<std::string, std::string> config{};
};

// Every difference between what was wanted and what is there; only the configuration that was asked for
// counts.
std::vector<Difference> differences(const TopicSpec& wanted, const ExistingTopic& found);

}  // namespace aftercall::bus
