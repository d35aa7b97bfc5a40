#include "control/forward.hpp"

#include <grpcpp/generic/generic_stub.h>

#include <fstream>
#include <sstream>

#include "domain/failure.hpp"
#include "tenancy/control_channel.hpp"

namespace aftercall::control {
namespace {

constexpr const char* passed_on = "ac-passed-on";
constexpr std::size_t most_channels = 16;  // addresses come from a topic

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

grpc::ByteBuffer bytes_of(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

grpc::Status unavailable(const std::string& why) {
  return {grpc::StatusCode::UNAVAILABLE, why, std::string(name_of(Cause::Unreachable))};
}

bool read(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::Slice whole;
  if (!bytes.DumpToSingleSlice(&whole).ok()) return false;
  return message.ParseFromArray(whole.begin(), static_cast<int>(whole.size()));
}

}  // namespace

bool Forward::was_passed_on(const grpc::ServerContext& context) {
  return context.client_metadata().contains(passed_on);
}

std::shared_ptr<grpc::Channel> Forward::channel_to(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  if (const auto known = channels_.find(owner); known != channels_.end()) return known->second;
  const auto credentials = tenancy::credentials_towards(owner, ca_file_.empty() ? "" : text_of(ca_file_));
  if (!credentials) return nullptr;
  if (channels_.size() >= most_channels) channels_.clear();
  return channels_[owner] = grpc::CreateChannel(owner, *credentials);
}

grpc::Status Forward::pass_on(const Call& call, const std::string& owner,
                              const google::protobuf::Message& request, google::protobuf::Message& response) {
  const auto channel = channel_to(owner);
  if (!channel)
    return unavailable("the configuration is owned by the instance of control at " + owner +
                       ", which is not reached in plain text: ask it, or give ca_file");
  grpc::GenericStub stub(channel);
  // Of the caller's call: it ends with that one, by its deadline or because its caller went away.
  const auto onward = grpc::ClientContext::FromServerContext(call.context);
  onward->set_deadline(std::chrono::system_clock::now() + (call.deadline - std::chrono::steady_clock::now()));
  onward->AddMetadata(passed_on, "1");
  const auto& metadata = call.context.client_metadata();
  const auto token = metadata.find("authorization");
  if (token != metadata.end())
    onward->AddMetadata("authorization", std::string(token->second.data(), token->second.size()));
  grpc::CompletionQueue queue;
  grpc::ByteBuffer answer;
  grpc::Status status;
  const auto reader = stub.PrepareUnaryCall(onward.get(), "/aftercall.control.v1." + std::string(call.method),
                                            bytes_of(request), &queue);
  reader->StartCall();
  reader->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (status.ok() && !read(answer, response))
    return {grpc::StatusCode::INTERNAL, "the instance at " + owner + " answered what cannot be read"};
  const bool answered =
      status.error_code() != grpc::StatusCode::UNAVAILABLE || !status.error_details().empty();
  if (answered) return status;
  return unavailable("the configuration is owned by the instance of control at " + owner +
                     ", which does not answer: " + status.error_message());
}

}  // namespace aftercall::control
