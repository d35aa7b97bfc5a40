// As many stages as are wanted, each leasing the same connection's access token at once. Tells "asked" when
// every call is under way, and at the end how many got a token and how many different ones.
//   many_leases CONTROL TOKEN_FILE TENANT CONNECTION COUNT
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tenancy/lease.hpp"

using namespace aftercall;

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  tenancy::LeaseSettings settings;
  settings.control = arguments[0];
  std::ifstream file(arguments[1]);
  std::string token;
  file >> token;
  settings.token = Secret(token);
  const auto wanted = std::stoul(arguments[4]);

  boost::asio::io_context io;
  std::vector<std::unique_ptr<tenancy::Leases>> stages;
  std::set<std::string> tokens;
  std::size_t ended = 0;
  std::size_t leased = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    auto& stage = *stages.emplace_back(std::make_unique<tenancy::Leases>(io.get_executor(), settings));
    boost::asio::co_spawn(io, stage.token(TenantId(arguments[2]), ConnectionId(arguments[3]), Secret()),
                          [&](const std::exception_ptr&, const Result<Secret>& got) {
                            ++ended;
                            if (!got) std::cerr << got.error().detail << "\n";
                            if (got) tokens.insert(std::string(got->reveal()));
                            if (got) ++leased;
                          });
  }
  const auto asked = [&] {
    std::size_t calls = 0;
    for (const auto& stage : stages) calls += stage->calls();
    return calls;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (asked() < wanted && io.run_one_until(deadline) > 0) {
  }
  std::cout << "asked" << std::endl;
  while (ended < wanted && io.run_one_until(deadline) > 0) {
  }
  std::cout << leased << " leases, " << tokens.size() << " tokens\n";
  stages.clear();
  return leased == wanted ? 0 : 1;
}
