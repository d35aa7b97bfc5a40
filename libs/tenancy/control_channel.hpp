#pragma once
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "domain/failure.hpp"

namespace aftercall::tenancy {

// How control is reached at this address ("host:port"), by everybody who calls it: under TLS, its certificate
// checked against `roots` (PEM). Without roots in plain text, but only on this machine, for every call
// carries a token: elsewhere SetupIncomplete.
Result<std::shared_ptr<grpc::ChannelCredentials>> credentials_towards(const std::string& address,
                                                                      const std::string& roots);

}  // namespace aftercall::tenancy
