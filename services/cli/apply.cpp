#include <iostream>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/apply_file.hpp"
#include "cli/commands.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

void tell(const v1::Problem& problem) {
  std::cerr << "  " << problem.kind() << " " << problem.tenant();
  if (!problem.id().empty()) std::cerr << "/" << problem.id();
  if (!problem.field().empty()) std::cerr << ", " << problem.field();
  std::cerr << ": " << problem.message() << "\n";
}

void tell(const v1::Change& change) {
  std::cout << v1::Change::What::Value_Name(change.what()) << "  " << change.kind() << " " << change.tenant();
  if (!change.id().empty() && change.kind() != "tenant") std::cout << "/" << change.id();
  std::cout << " (version " << change.version() << ")\n";
  if (!change.generated_key().empty())
    std::cout << "  its API key, shown now and never again: " << change.generated_key() << "\n";
}

// A connection that was applied is tried at once: an admin wants to know now, not at the first session.
bool connect(const Where& where, const v1::WantedConnection& wanted) {
  const auto stub = v1::Connections::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::ConnectRequest request;
  request.set_tenant(wanted.tenant());
  request.set_id(wanted.id());
  v1::ConnectResponse response;
  const auto status = stub->Connect(&context, request, &response);
  const auto name = "connection " + wanted.tenant() + "/" + wanted.id();
  if (!status.ok()) {
    std::cerr << name << ": " << explained(status, where) << "\n";
    return false;
  }
  const auto& connection = response.connection().connection();
  std::cout << name << ": " << events::v1::Connection::Status::Value_Name(connection.status());
  if (!response.company().empty()) std::cout << " to " << response.company();
  if (!connection.crm_account().empty()) std::cout << " (" << connection.crm_account() << ")";
  if (!connection.why().empty()) std::cout << ": " << connection.why();
  std::cout << "\n";
  for (const auto& right : response.missing()) std::cout << "  missing: " << right << "\n";
  return connection.status() == events::v1::Connection::Status::connected;
}

}  // namespace

int apply(const Where& where, const std::string& file, bool dry_run) {
  const auto tree = config::load(file);
  auto request = tree ? read_apply_file(*tree) : Result<v1::ApplyRequest>(tl::unexpected(tree.error()));
  if (!request) {
    std::cerr << "aftercall: " << request.error().detail << "\n";
    return wrong_usage;
  }
  request->set_dry_run(dry_run);
  const auto stub = v1::Configuration::NewStub(channel_to(where));
  v1::ApplyResponse response;
  const auto status = when_available([&] {
    grpc::ClientContext context;
    prepare(context, where);
    return stub->Apply(&context, *request, &response);
  });
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  if (!response.problems().empty()) {
    std::cerr << "aftercall: nothing was changed:\n";
    for (const auto& problem : response.problems()) tell(problem);
    return failed;
  }
  for (const auto& change : response.changes()) tell(change);
  bool connected = true;
  if (!dry_run)
    for (const auto& wanted : request->connections()) connected = connect(where, wanted) && connected;
  return connected ? done : failed;
}

}  // namespace aftercall::cli
