#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server.hpp"
#include "process/host.hpp"
#include "process/watchdog.hpp"

// Of process/ alone: what a Host is a handle of.
namespace aftercall::process {

struct Settings {
  std::string health_address = "127.0.0.1";
  unsigned short health_port = 0;
  std::string port_file;
  std::chrono::milliseconds drain{
      10'000};  // longer than any step may take to end, shorter than supervisors wait
};

struct Host::State {
  State(std::string_view service, Settings wanted, bool dry, Watchdog& dog);
  ~State();

  void begin_stop(const std::string& why);
  void run_until_stopped();
  void tell_port(const std::string& file, int port);
  // The process's end, at once and in any case: what is suspended is not destroyed. To destroy an io_context
  // in which coroutines are suspended is not safe with Boost 1.74, and whatever counts is in Kafka by now.
  [[noreturn]] void leave();

  std::string name;
  Settings settings;
  bool dry_run;
  bool dry_run_asked = false;
  Watchdog& watchdog;
  asio::io_context context{1};  // one thread runs it
  Tasks tasks;
  Tasks own;  // the health port: it serves until the tasks have ended
  asio::signal_set signals;
  asio::steady_timer slow;
  asio::steady_timer spare;  // until memory is given back
  http::Server health;
  std::vector<std::string> port_files;  // they go with the process
  std::vector<std::function<void()>> stops;
  std::vector<std::pair<std::string, std::function<std::optional<std::string>()>>> conditions;
  std::vector<std::pair<std::string, std::function<std::optional<std::string>()>>> remarks;
  bool stopping = false;
  bool given_up = false;  // tasks that did not end in time are left behind
  int code = ended;

 private:
  void wait_for_signal();
  void give_up();
  void task_ended(const std::string& task, const std::exception_ptr& thrown);
  void go_on();
  void keep_little();
};

// What the health port answers. `state` is main's and outlives every request.
http::Response answer_health(const Host::State& state, const http::Request& request);

std::string what_of(const std::exception_ptr& thrown);

}  // namespace aftercall::process
