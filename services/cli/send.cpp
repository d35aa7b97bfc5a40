#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.hpp"
#include "http/client.hpp"

namespace aftercall::cli {
namespace {

namespace asio = boost::asio;

std::string read_all(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream input(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), {}};
}

// A key in a file, else in AFTERCALL_KEY: on a command line every user of the machine could read it.
std::string find_key(const std::string& key_file) {
  std::string key;
  if (!key_file.empty())
    key = read_all(key_file);
  else if (const char* set = std::getenv("AFTERCALL_KEY"); set != nullptr)
    key = set;
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  return key;
}

asio::awaitable<void> post(http::Client* client, http::Request request, int* exit_code) {
  const auto answer = co_await client->send(std::move(request));
  if (!answer) {
    std::cerr << "aftercall: " << answer.error().detail << "\n";
    co_return;
  }
  const bool accepted = answer->status == 202;
  (accepted ? std::cout : std::cerr) << answer->body << "\n";
  if (accepted) *exit_code = done;
}

}  // namespace

int send_session(const SendOptions& options) {
  const auto key = find_key(options.key_file);
  if (key.empty()) {
    std::cerr << "aftercall: no API key: give --key-file, or set AFTERCALL_KEY\n";
    return wrong_usage;
  }
  http::Request request;
  request.method = "POST";
  request.target = options.door + "/v1/sessions";
  request.headers.set("Authorization", "Bearer " + key);
  request.headers.set("Content-Type", "application/json");
  request.body = read_all(options.file);
  if (request.body.empty()) {
    std::cerr << "aftercall: " << options.file << " is empty or cannot be read\n";
    return wrong_usage;
  }
  asio::io_context context;
  http::Client client(context.get_executor(), {});
  int exit_code = failed;
  asio::co_spawn(context, post(&client, std::move(request), &exit_code),
                 [&context](std::exception_ptr thrown) {
                   context.stop();
                   if (thrown) std::rethrow_exception(thrown);
                 });
  context.run();
  return exit_code;
}

}  // namespace aftercall::cli
