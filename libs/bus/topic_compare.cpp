#include "bus/topic_compare.hpp"

#include <algorithm>
#include <sstream>

namespace aftercall::bus {
namespace {

// Kafka's lists have no order: "compact,delete" is "delete, compact".
std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream text(list);
  for (std::string word; std::getline(text, word, ',');) {
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    words.push_back(word);
  }
  std::sort(words.begin(), words.end());
  return words;
}

}  // namespace

std::vector<Difference> differences(const TopicSpec& wanted, const ExistingTopic& found) {
  std::vector<Difference> all;
  const auto compare = [&](const std::string& property, const std::string& want, const std::string& have) {
    if (words_of(want) != words_of(have)) all.push_back({wanted.name, property, want, have});
  };
  compare("partitions", std::to_string(wanted.partitions), std::to_string(found.partitions));
  compare("replication", std::to_string(wanted.replication), std::to_string(found.replication));
  for (const auto& [name, value] : wanted.config) {
    const auto there = found.config.find(name);
    compare(name, value, there == found.config.end() ? "(no such setting)" : there->second);
  }
  return all;
}

}  // namespace aftercall::bus
