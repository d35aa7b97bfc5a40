#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <unistd.h>

#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/mutate.hpp"

namespace {

using namespace aftercall::fuzz;

std::string current;  // what is being tried: a crash tells it

// Only calls that a signal handler may make.
void tell_current(int signal) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto say = [](std::string_view text) { return write(STDERR_FILENO, text.data(), text.size()) > 0; };
  bool said = say("crashed with the input (hex): ");
  for (const char c : current) {
    const auto byte = static_cast<unsigned char>(c);
    said = say(hex.substr(byte >> 4U, 1)) && say(hex.substr(byte & 15U, 1)) && said;
  }
  static_cast<void>(say("\n") && said);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

bool stands(const std::string& input) {
  current = input;
  try {
    try_with(current);
    return true;
  } catch (const std::exception& broken) {
    std::fprintf(stderr, "broken: %s\nwith the input (hex): ", broken.what());
    for (const char c : current) std::fprintf(stderr, "%02x", static_cast<unsigned char>(c));
    std::fprintf(stderr, "\n");
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(signal, tell_current);
  const Subject mine = subject();
  const int iterations = argc > 1 ? std::atoi(argv[1]) : mine.iterations;
  std::mt19937_64 random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20260203);
  for (const auto& sample : mine.samples)
    if (!stands(sample)) return 1;
  for (int i = 0; i < iterations; ++i)
    if (!stands(mutated(mine, random))) return 1;
  std::printf("%d inputs, every promise kept\n", iterations + static_cast<int>(mine.samples.size()));
  return iterations > 0 ? 0 : 1;
}
