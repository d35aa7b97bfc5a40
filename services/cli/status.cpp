#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <vector>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "cli/commands.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;
using Row = std::vector<std::string>;

std::string age_text(std::int64_t milliseconds) {
  if (milliseconds <= 0) return "-";
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  if (milliseconds < 120'000) return std::to_string(milliseconds / 1000) + " s";
  return std::to_string(milliseconds / 60'000) + " min";
}

void print(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto width = static_cast<int>(widths[i]);
      std::cout << (i == 0 ? std::left : std::right) << std::setw(width) << row[i]
                << (i + 1 < row.size() ? "  " : "\n");
    }
  }
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
  print(rows);
  std::cout << "\n"
            << response.tenants() << " tenants; " << response.connections_connected() << " of "
            << response.connections() << " connections connected\n";
  return done;
}

}  // namespace aftercall::cli
