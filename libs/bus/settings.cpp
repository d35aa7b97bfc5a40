#include "bus/settings.hpp"

#include <algorithm>

namespace aftercall::bus {

const std::vector<std::string_view>& allowed_security() {
  static const std::vector<std::string_view> names{
      "security.protocol",
      "sasl.mechanism",
      "sasl.mechanisms",
      "sasl.username",
      "sasl.password",
      "sasl.kerberos.service.name",
      "sasl.kerberos.principal",
      "sasl.kerberos.keytab",
      "sasl.oauthbearer.method",
      "sasl.oauthbearer.client.id",
      "sasl.oauthbearer.client.secret",
      "sasl.oauthbearer.scope",
      "sasl.oauthbearer.extensions",
      "sasl.oauthbearer.token.endpoint.url",
      "ssl.ca.location",
      "ssl.ca.pem",
      "ssl.certificate.location",
      "ssl.certificate.pem",
      "ssl.key.location",
      "ssl.key.pem",
      "ssl.key.password",
      "ssl.keystore.location",
      "ssl.keystore.password",
      "ssl.crl.location",
      "ssl.cipher.suites",
      "ssl.curves.list",
      "ssl.sigalgs.list",
  };
  return names;
}

std::vector<std::string> check(const Settings& settings) {
  std::vector<std::string> wrong;
  if (settings.bootstrap.empty()) wrong.emplace_back("bootstrap: at least one host:port is needed");
  if (settings.client_id.empty())
    wrong.emplace_back("client_id: a name is needed, distinct for each process");
  const auto& allowed = allowed_security();
  for (const auto& [name, value] : settings.security) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      wrong.push_back("security." + name + ": no security property that may be passed to librdkafka");
    else if (value.empty())
      wrong.push_back("security." + name + ": the value is empty");
  }
  return wrong;
}

}  // namespace aftercall::bus
