#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <vector>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/commands.hpp"
#include "cli/table.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

std::string age_text(std::int64_t milliseconds) {
  if (milliseconds <= 0) return "-";
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  if (milliseconds < 120'000) return std::to_string(milliseconds / 1000) + " s";
  return std::to_string(milliseconds / 60'000) + " min";
}

}  // namespace

int show_status(const Where& where, bool json) {
  const auto stub = v1::Status::NewStub(channel_to(where));
  grpc::ClientContext context;
  prepare(context, where);
  v1::GetStatusResponse response;
  const auto status = stub->Get(&context, v1::GetStatusRequest(), &response);
  if (!status.ok()) {
    std::cerr << "aftercall: " << explained(status, where) << "\n";
    return failed;
  }
  if (json) {
    google::protobuf::util::JsonPrintOptions form;
    form.add_whitespace = form.preserve_proto_field_names = form.always_print_primitive_fields = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(response, &text, form).ok()) return failed;
    std::cout << text;
    return done;
  }
  std::vector<Row> rows{{"stage", "instances", "lag", "age", "waiting", "in doubt", "blocked", "dead"}};
  for (const auto& stage : response.stages())
    rows.push_back({stage.stage(), std::to_string(stage.instances()), std::to_string(stage.lag()),
                    age_text(stage.lag_age_ms()), std::to_string(stage.waiting()),
                    std::to_string(stage.in_doubt()), std::to_string(stage.blocked()),
                    std::to_string(stage.dead())});
  std::cout << table_text(rows, Align::RightButFirst);
  for (const auto& stage : response.stages())
    if (!stage.problem().empty())
      std::cout << stage.stage() << ": instances and lag are not known: " << stage.problem() << "\n";
  std::cout << "\n"
            << response.tenants() << " tenants; " << response.connections_connected() << " of "
            << response.connections() << " connections connected";
  if (response.connections_connected() < response.connections())
    std::cout << "; `aftercall connection list` says which is not, and why";
  std::cout << "\n";
  return done;
}

}  // namespace aftercall::cli
