#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "domain/failure.hpp"
#include "domain/secret.hpp"

namespace aftercall::cli {

// How to reach control.
struct Where {
  std::string address;  // host:port
  Secret token;
  std::string ca;  // PEM of who signed its certificate; empty only on loopback: plain text
};

// From the options, else from the file that AFTERCALL_CONFIG names: [control] address, token, ca_file.
// SetupIncomplete for what is missing, cannot be read, or would send the token in plain text to another
// machine.
Result<Where> find_control(const std::string& address, const std::string& token_file);

std::shared_ptr<grpc::Channel> channel_to(const Where& where);
// With the token and a deadline: no command waits for ever.
void prepare(grpc::ClientContext& context, const Where& where,
             std::chrono::seconds within = std::chrono::seconds(30));

// Calls until control is there: just started, or between two owners of the configuration. At most 20 s, and
// not in step with others. `call` makes a context of its own each time.
grpc::Status when_available(const std::function<grpc::Status()>& call);

// What a call's failure means to a person, and what to do.
std::string explained(const grpc::Status& status, const Where& where);

}  // namespace aftercall::cli
