#pragma once
#include <cstddef>
#include <list>
#include <map>
#include <string>

#include "domain/record.hpp"

namespace aftercall::control {

// The records of deferrals that are likely to be released soon, as many as fit; the others are read again
// when their time comes. The one that was kept longest makes room.
class Shelf {
 public:
  explicit Shelf(std::size_t bytes) : bytes_(bytes) {}

  void keep(Record record);
  void drop(const std::string& key);
  const Record* find(const std::string& key, const Position& at) const;  // null: not here
  std::size_t bytes() const { return used_; }

 private:
  std::size_t bytes_;
  std::size_t used_ = 0;
  std::list<Record> records_;
  std::map<std::string, std::list<Record>::iterator> places_;
};

}  // namespace aftercall::control
