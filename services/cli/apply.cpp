#include <algorithm>
#include <iostream>
#include <set>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/apply_file.hpp"
#include "cli/commands.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

// What control finds wrong, at the place in the file where the object begins.
void tell(const v1::Problem& problem, const std::string& file, const std::map<std::string, int>& lines) {
  if (problem.kind().empty()) {  // the file as a whole
    std::cerr << "  " << file << ": " << problem.message() << "\n";
    return;
  }
  const auto name = ApplyFile::name_of(problem.kind(), problem.tenant(), problem.id());
  const auto line = lines.find(name);
  std::cerr << "  " << file << ":";
  if (line != lines.end()) std::cerr << line->second << ":";
  std::cerr << " " << name;
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

// Who took a connection out of a file may believe it gone. Only of tenants for which the file names others:
// it may be one of several.
void note_what_stays(const Where& where, const ApplyFile& file) {
  std::set<std::string> tenants;
  for (const auto& connection : file.request.connections()) tenants.insert(connection.tenant());
  const auto stub = v1::Connections::NewStub(channel_to(where));
  for (const auto& tenant : tenants) {
    grpc::ClientContext context;
    prepare(context, where);
    v1::ListConnectionsRequest request;
    request.set_tenant(tenant);
    v1::ListConnectionsResponse there;
    if (!stub->List(&context, request, &there).ok()) continue;  // what was applied was applied
    for (const auto& record : there.connections()) {
      const auto& id = record.connection().id();
      if (file.lines.contains(ApplyFile::name_of("connection", tenant, id))) continue;
      std::cout << "connection " << tenant << "/" << id << " is not in the file and stays as it is; "
                << "to take it away: aftercall delete connection " << tenant << " " << id << "\n";
    }
  }
}

}  // namespace

int apply(const Where& where, const std::string& file, bool dry_run) {
  const auto tree = config::load(file);
  auto wanted = tree ? read_apply_file(*tree) : Result<ApplyFile>(tl::unexpected(tree.error()));
  if (!wanted) {
    std::cerr << "aftercall: " << wanted.error().detail << "\n";
    return wrong_usage;
  }
  auto& request = wanted->request;
  request.set_dry_run(dry_run);
  const auto stub = v1::Configuration::NewStub(channel_to(where));
  v1::ApplyResponse response;
  const auto status = when_available([&] {
    grpc::ClientContext context;
    prepare(context, where);
    return stub->Apply(&context, request, &response);
  });
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  if (!response.problems().empty()) {
    std::cerr << "aftercall: nothing was changed:\n";
    for (const auto& problem : response.problems()) tell(problem, file, wanted->lines);
    return failed;
  }
  for (const auto& change : response.changes()) tell(change);
  // A connection that was applied is tried at once: an admin wants to know now, not at the first session.
  int worst = done;
  if (!dry_run)
    for (const auto& connection : request.connections())
      worst = std::max(worst, connect(where, connection.tenant(), connection.id()));
  note_what_stays(where, *wanted);
  return worst;
}

}  // namespace aftercall::cli
