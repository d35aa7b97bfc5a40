#pragma once
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace aftercall::process {

namespace asio = boost::asio;

// Tasks that somebody awaits: the place where coroutines are started. Used from the executor's thread.
class Tasks {
 public:
  explicit Tasks(asio::any_io_executor executor);
  ~Tasks();
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  void spawn(std::string name, asio::awaitable<void> task);
  // Called as each task ends, with what it threw (or nothing). Without one, all() rethrows the first.
  void on_end(std::function<void(const std::string& name, std::exception_ptr thrown)> watch);
  asio::awaitable<void> all();  // until none is left
  std::size_t size() const;
  std::vector<std::string> names() const;  // of those still at work

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace aftercall::process
