#include "tenancy/control_channel.hpp"

#include "http/url.hpp"

namespace aftercall::tenancy {

Result<std::shared_ptr<grpc::ChannelCredentials>> credentials_towards(const std::string& address,
                                                                      const std::string& roots) {
  if (!roots.empty()) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = roots;
    return grpc::SslCredentials(options);
  }
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (http::is_loopback(host)) return grpc::InsecureChannelCredentials();
  return fail(Cause::SetupIncomplete, "control at " + address +
                                          " is not on this machine, and a token is not sent in plain text: "
                                          "name the ca_file that its certificate is checked against");
}

}  // namespace aftercall::tenancy
