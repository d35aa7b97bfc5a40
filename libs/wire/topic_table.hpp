#pragma once
#include <map>
#include <string>
#include <vector>

#include "wire/topics.hpp"

namespace aftercall::wire {

// What each topic is like on the broker: partitions and Kafka's own settings, by Kafka's own names.
struct TopicShape {
  std::string short_name;
  int partitions = 0;
  std::map<std::string, std::string> config;
};

// Every topic. Data topics, deferrals and the ledger have as many partitions as each other: note.ready and
// the ledger must, and twelve divides by 1, 2, 3, 4, 6 and 12 instances of a stage.
std::vector<TopicShape> topic_table();

}  // namespace aftercall::wire
