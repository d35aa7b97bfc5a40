#include <google/protobuf/util/json_util.h>

#include <iostream>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/commands.hpp"
#include "cli/story_text.hpp"

namespace aftercall::cli {

namespace v1 = control::v1;

int show_session(const Where& where, const ShowOptions& options) {
  const auto stub = v1::Sessions::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::GetSessionRequest request;
  request.mutable_session()->set_session_id(options.session);
  request.mutable_session()->set_tenant(options.tenant);
  request.mutable_session()->set_source(options.source);
  v1::Story story;
  const auto status = stub->Get(&context, request, &story);
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  if (!options.json) {
    std::cout << story_text(story);
    return done;
  }
  google::protobuf::util::JsonPrintOptions form;
  form.add_whitespace = true;
  form.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(story, &json, form).ok()) return failed;
  std::cout << json;
  return done;
}

}  // namespace aftercall::cli
