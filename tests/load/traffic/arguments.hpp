#pragma once
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace load {

// --name value, and --name alone.
class Arguments {
 public:
  Arguments(int count, char** words) {
    for (int i = 2; i < count; ++i) {
      const std::string word = words[i];
      if (!word.starts_with("--")) throw std::invalid_argument("unexpected argument " + word);
      const bool alone = i + 1 == count || std::string(words[i + 1]).starts_with("--");
      values_.emplace(word.substr(2), alone ? "" : words[++i]);
    }
  }

  bool has(const std::string& name) const { return values_.contains(name); }
  std::string of(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::invalid_argument("--" + name + " is missing");
    return found->second;
  }
  std::string of(const std::string& name, const std::string& otherwise) const {
    return has(name) ? of(name) : otherwise;
  }
  std::size_t number(const std::string& name, std::size_t otherwise) const {
    return has(name) ? std::stoul(of(name)) : otherwise;
  }
  std::vector<std::string> all(const std::string& name) const {
    std::vector<std::string> found;
    for (auto [each, end] = values_.equal_range(name); each != end; ++each) found.push_back(each->second);
    return found;
  }

 private:
  std::multimap<std::string, std::string> values_;
};

}  // namespace load
