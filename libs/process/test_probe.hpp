#pragma once
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "process/host.hpp"

// For tests: a process of its own that runs process::run, seen from outside.
namespace aftercall::process {

struct ProbeConfig {
  int number = 0;
};
inline Result<ProbeConfig> parse_probe(const config::Tree& tree) {
  ProbeConfig config;
  tree.root().read("number", config.number);
  const auto right = tree.finish();
  if (!right) return tl::unexpected(right.error());
  return config;
}

class Probe {
 public:
  using Body = std::function<void(const ProbeConfig&, Host&)>;
  explicit Probe(const Body& body, const std::string& settings = "", std::vector<std::string> options = {},
                 bool with_port_file = false)
      : folder_(std::filesystem::temp_directory_path() /
                ("probe_" + std::to_string(::getpid()) + "_" + std::to_string(++count()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "probe.toml") << settings;
    if (with_port_file) std::ofstream(folder_ / "probe.toml", std::ios::app) << health();
    options.insert(options.begin(), {"probe", "--config=" + (folder_ / "probe.toml").string()});
    child_ = ::fork();
    if (child_ == 0) become(body, options);
  }
  ~Probe() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  unsigned short port() const {
    unsigned short port = 0;
    until([&] { return std::filesystem::exists(folder_ / "port"); });
    std::ifstream(folder_ / "port") >> port;
    return port;
  }
  bool said(const std::string& what) const {
    return until([&] { return output().find(what) != std::string::npos; });
  }
  std::string output() const {
    std::ifstream file(folder_ / "output");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void signal(int number) const { ::kill(child_, number); }
  int code() {  // once it has ended; -1 when it does not, or by a signal
    int status = 0;
    if (!until([&] { return ::waitpid(child_, &status, WNOHANG) == child_; })) return -1;
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool port_file_exists() const { return std::filesystem::exists(folder_ / "port"); }

 private:
  static int& count() {
    static int probes = 0;
    return probes;
  }
  std::string health() const { return "[health]\nport_file = \"" + (folder_ / "port").string() + "\"\n"; }
  void become(const Body& body, std::vector<std::string>& options) const {
    const int file = ::creat((folder_ / "output").c_str(), 0600);
    ::dup2(file, STDERR_FILENO);
    ::dup2(file, STDOUT_FILENO);
    std::vector<char*> words;
    words.reserve(options.size());
    for (auto& each : options) words.push_back(each.data());
    const int code = run("probe", static_cast<int>(words.size()), words.data(), parse_probe, body);
    std::fflush(stdout);
    std::cout.flush();
    ::_exit(code);
  }
  template <class Condition>
  static bool until(Condition condition) {
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (std::chrono::steady_clock::now() < latest) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  std::filesystem::path folder_;
  pid_t child_ = -1;
};

}  // namespace aftercall::process
