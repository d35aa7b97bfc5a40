#pragma once
#include <sys/types.h>
#include <string>
#include <vector>

namespace aftercall::test {

// The sandbox as a child process, on a port that the system chooses. It ends with this object, and with this
// process if that is killed.
class SandboxProcess {
 public:
  explicit SandboxProcess(std::vector<std::string> arguments);
  ~SandboxProcess();
  SandboxProcess(const SandboxProcess&) = delete;
  SandboxProcess& operator=(const SandboxProcess&) = delete;

  const std::string& address() const { return address_; }  // http://127.0.0.1:41234

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string address_;
};

}  // namespace aftercall::test
