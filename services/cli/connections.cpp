#include <google/protobuf/util/json_util.h>

#include <iostream>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/commands.hpp"
#include "cli/connections_text.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

int told(const grpc::Status& status, const Where& where, const std::string& done_text) {
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  std::cout << done_text << "\n";
  return done;
}

// What the CRM answered to a connection; failed unless it is connected.
int told(const grpc::Status& status, const Where& where, const v1::ConnectResponse& response,
         const std::string& name) {
  if (!status.ok()) {
    std::cerr << "aftercall: connection " << name << ": " << explained(status, where) << "\n";
    return failed;
  }
  std::cout << connected_text(response);
  return response.connection().connection().status() == events::v1::Connection::Status::connected ? done
                                                                                                  : failed;
}

template <class Request>
Request named(const std::string& tenant, const std::string& id) {
  Request request;
  request.set_tenant(tenant);
  request.set_id(id);
  return request;
}

}  // namespace

int list_connections(const Where& where, const std::string& tenant, bool json) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ListConnectionsRequest request;
  request.set_tenant(tenant);
  v1::ListConnectionsResponse response;
  const auto status = stub->List(&context, request, &response);
  if (!status.ok() || !json) return told(status, where, connections_text(response));
  google::protobuf::util::JsonPrintOptions form;
  form.add_whitespace = form.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(response, &text, form).ok()) return failed;
  std::cout << text;
  return done;
}

int connect(const Where& where, const std::string& tenant, const std::string& id) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ConnectResponse response;
  const auto status = stub->Connect(&context, named<v1::ConnectRequest>(tenant, id), &response);
  return told(status, where, response, tenant + "/" + id);
}

int probe(const Where& where, const std::string& tenant, const std::string& id) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ConnectResponse response;
  const auto status = stub->Probe(&context, named<v1::ProbeRequest>(tenant, id), &response);
  return told(status, where, response, tenant + "/" + id);
}

int disconnect(const Where& where, const std::string& tenant, const std::string& id) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ConnectionRecord response;
  const auto status = stub->Disconnect(&context, named<v1::DisconnectRequest>(tenant, id), &response);
  return told(status, where,
              "disconnected connection " + tenant + "/" + id +
                  "; its sign-in is forgotten, and what is for its CRM waits until one is connected again");
}

int remove_tenant(const Where& where, const std::string& tenant) {
  const auto stub = v1::Tenants::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::DeleteTenantRequest request;
  request.set_tenant(tenant);
  v1::DeleteResponse response;
  return told(stub->Delete(&context, request, &response), where, "deleted tenant " + tenant);
}

int remove_source(const Where& where, const std::string& tenant, const std::string& id) {
  const auto stub = v1::Sources::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::DeleteResponse response;
  const auto status = stub->Delete(&context, named<v1::DeleteSourceRequest>(tenant, id), &response);
  return told(status, where, "deleted source " + tenant + "/" + id + "; its keys are refused from now on");
}

int remove_connection(const Where& where, const std::string& tenant, const std::string& id) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::DeleteResponse response;
  const auto status = stub->Delete(&context, named<v1::DeleteConnectionRequest>(tenant, id), &response);
  return told(status, where,
              "deleted connection " + tenant + "/" + id +
                  "; what waits for its CRM goes on waiting unless another connection serves that");
}

}  // namespace aftercall::cli
