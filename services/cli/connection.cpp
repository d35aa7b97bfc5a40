#include "cli/connection.hpp"

#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>

#include "config/tree.hpp"
#include "tenancy/control_channel.hpp"

namespace aftercall::cli {
namespace {

Result<std::string> file_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) return fail(Cause::SetupIncomplete, path + " cannot be read, or is empty");
  auto out = text.str();
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.pop_back();
  return out;
}

// gRPC tells how it came to its news, too; the news stands last.
std::string last_of(const std::string& message) {
  const auto colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

Result<Where> from_file(const char* path) {
  const auto tree = config::load(path);
  if (!tree) return tl::unexpected(tree.error());
  Where where;
  auto table = tree->root().table("control");
  table.require("address", where.address);
  table.require("token", where.token);
  std::string ca_file;
  table.read("ca_file", ca_file);
  if (const auto finished = tree->finish(); !finished) return tl::unexpected(finished.error());
  if (ca_file.empty()) return where;
  auto roots = file_text(ca_file);
  if (!roots) return tl::unexpected(roots.error());
  where.ca = std::move(*roots);
  return where;
}

}  // namespace

Result<Where> find_control(const std::string& address, const std::string& token_file) {
  Where where;
  if (const char* path = std::getenv("AFTERCALL_CONFIG"); path != nullptr && *path != '\0') {
    auto found = from_file(path);
    if (!found) return found;
    where = std::move(*found);
  }
  if (!address.empty()) where.address = address;
  if (!token_file.empty()) {
    auto token = file_text(token_file);
    if (!token) return tl::unexpected(token.error());
    where.token = Secret(std::move(*token));
  }
  if (where.address.empty() || where.token.empty())
    return fail(
        Cause::SetupIncomplete,
        "no control address or token: give --control and --token-file, or set AFTERCALL_CONFIG to the file "
        "that deploy/up wrote (aftercall.toml in its state folder)");
  if (auto credentials = tenancy::credentials_towards(where.address, where.ca); !credentials)
    return fail(credentials.error().cause,
                credentials.error().detail + ", under [control] in the file of AFTERCALL_CONFIG");
  return where;
}

// find_control() has seen that there are such.
std::shared_ptr<grpc::Channel> channel_to(const Where& where) {
  return grpc::CreateChannel(where.address, tenancy::credentials_towards(where.address, where.ca).value());
}

void prepare(grpc::ClientContext& context, const Where& where, std::chrono::seconds within) {
  context.AddMetadata("authorization", "Bearer " + std::string(where.token.reveal()));
  context.set_deadline(std::chrono::system_clock::now() + within);
}

grpc::Status when_available(const std::function<grpc::Status()>& call) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::minstd_rand chance(std::random_device{}());
  std::uniform_int_distribution<int> pause(100, 400);
  auto status = call();
  while (status.error_code() == grpc::StatusCode::UNAVAILABLE && std::chrono::steady_clock::now() < give_up) {
    std::condition_variable nobody;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    nobody.wait_for(lock, std::chrono::milliseconds(pause(chance)));
    status = call();
  }
  return status;
}

std::string explained(const grpc::Status& status, const Where& where) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (!status.error_details().empty()) return status.error_message();  // control's own words
      return "control does not answer at " + where.address + ": is it running, and is this its address? (" +
             last_of(status.error_message()) + ")";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "control at " + where.address + " took too long; look at its log and at Kafka";
    case grpc::StatusCode::UNAUTHENTICATED:
      return "control does not know this token; take one from its tokens file";
    case grpc::StatusCode::PERMISSION_DENIED:
      return "this token's role may not do that: " + status.error_message();
    default:
      return status.error_message();
  }
}

}  // namespace aftercall::cli
