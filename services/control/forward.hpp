#pragma once
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bus/deadline.hpp"

namespace aftercall::control {

// Passes a call on to the instance that owns the configuration, with the caller's own token. Used on gRPC's
// threads, which it blocks until the call's deadline at most.
class Forward {
 public:
  // `ca_file`: what the other instances' certificates are checked against; empty = only instances on
  // loopback, in plain text.
  explicit Forward(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  struct Call {
    const grpc::ServerContext& context;
    std::string_view method;  // "<Service>/<Method>"
    bus::Deadline deadline;   // ours; the caller's own is kept to besides, and so is its going away
  };
  grpc::Status pass_on(const Call& call, const std::string& owner, const google::protobuf::Message& request,
                       google::protobuf::Message& response);

  // A call that was passed on once is not passed on again: two instances that each take the other for the
  // owner would never end.
  static bool was_passed_on(const grpc::ServerContext& context);

 private:
  std::shared_ptr<grpc::Channel> channel_to(
      const std::string& owner);  // nothing when it would be in plain text

  std::string ca_file_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace aftercall::control
