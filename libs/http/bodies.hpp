#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

// Of http/ alone: how much the bodies take that all connections of a server have in hand. Without such a
// bound each connection's limit is multiplied by their number. Half of it is the most for one side, so that
// nobody shuts the door for the others; an empty name is nobody's.
namespace aftercall::http {

class Bodies {
 public:
  class Held;
  explicit Bodies(std::size_t most) : most_(most) {}

 private:
  bool take(const std::string& whose, std::size_t bytes);
  void give_back(const std::string& whose, std::size_t bytes);

  std::size_t most_;
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> by_side_;  // of those that hold something
};

// One body's bytes, given back when it ends.
class Bodies::Held {
 public:
  Held(std::shared_ptr<Bodies> among, std::string whose)
      : among_(std::move(among)), whose_(std::move(whose)) {}
  ~Held() { among_->give_back(whose_, bytes_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  bool grow_to(std::size_t bytes);  // whether there is room; fewer than it has are no growth

 private:
  std::shared_ptr<Bodies> among_;
  std::string whose_;
  std::size_t bytes_ = 0;
};

}  // namespace aftercall::http
