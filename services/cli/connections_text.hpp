#pragma once
#include <string>

#include "aftercall/control/v1/control.pb.h"

namespace aftercall::cli {

// All connections as a table, with what to do about those that are not connected.
std::string connections_text(const control::v1::ListConnectionsResponse& response);

// What came of connecting one.
std::string connected_text(const control::v1::ConnectResponse& response);

}  // namespace aftercall::cli
