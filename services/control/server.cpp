#include "control/server.hpp"

#include <grpcpp/ext/proto_server_reflection_plugin.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace aftercall::control {
namespace {

constexpr int most_threads = 256;  // a call that waits for its work holds one
constexpr int longest_message = 4 * 1024 * 1024;
constexpr std::chrono::seconds for_calls{2};
constexpr std::chrono::milliseconds look{5};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error(path + " cannot be read");
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> credentials_for(const Listening& listen) {
  if (listen.cert_file.empty()) {
    if (!only_loopback(listen.address))
      throw std::runtime_error("control does not listen at " + listen.address +
                               " in plain text: give cert_file and key_file");
    return grpc::InsecureServerCredentials();
  }
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({text_of(listen.key_file), text_of(listen.cert_file)});
  return grpc::SslServerCredentials(options);
}

std::string host_and_port(const Listening& listen) {
  const bool six = listen.address.find(':') != std::string::npos;
  return (six ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(listen.port);
}

}  // namespace

Server::Server(const Listening& listen, const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(most_threads);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(longest_message);
  // Two processes on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(host_and_port(listen), credentials_for(listen), &port_);
  for (auto* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0)
    throw std::runtime_error("control cannot listen at " + host_and_port(listen) + ": is the port taken?");
}

asio::awaitable<void> Server::shut_down() {
  const auto executor = co_await asio::this_coro::executor;
  std::atomic<bool> down = false;
  std::thread thread([this, &down] {
    server_->Shutdown(std::chrono::system_clock::now() + for_calls);
    down = true;
  });
  while (!down) {
    asio::steady_timer timer(executor, look);
    co_await timer.async_wait(asio::use_awaitable);
  }
  thread.join();
}

}  // namespace aftercall::control
