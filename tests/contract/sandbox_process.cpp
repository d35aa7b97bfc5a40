#include "sandbox_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace aftercall::test {
namespace {

constexpr std::chrono::seconds patience{60};  // a machine under load takes its time to start Python

std::string read_line(int descriptor) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::string line;
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (poll(&waiting, 1, 100) <= 0) continue;
    char c = 0;
    if (read(descriptor, &c, 1) != 1) throw std::runtime_error("the sandbox ended before it listened");
    if (c == '\n') return line;
    line += c;
  }
  throw std::runtime_error("the sandbox did not listen in time");
}

}  // namespace

SandboxProcess::SandboxProcess(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  arguments.insert(arguments.begin(), std::string(PROJECT_DIR) + "/tests/sandbox/run");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const auto parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    dup2(ends[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
  const auto line = read_line(output_);
  const auto at = line.find("http");
  if (at == std::string::npos) throw std::runtime_error("the sandbox said: " + line);
  address_ = line.substr(at);
}

SandboxProcess::~SandboxProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);  // it keeps nothing that matters
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
}

}  // namespace aftercall::test
