#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

// Of process/ alone.
namespace aftercall::process {

// Ends the process, without clean-up, if it is still there when its time is over: a stop that hangs, even in
// a destructor, must not hang whoever waits for us.
class Watchdog {
 public:
  ~Watchdog();
  void arm(std::chrono::milliseconds time);  // the first call counts
 private:
  std::mutex lock_;
  std::condition_variable called_off_;
  bool off_ = false;
  std::thread thread_;
};

}  // namespace aftercall::process
