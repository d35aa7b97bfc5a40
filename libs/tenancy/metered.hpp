#pragma once
#include <memory>
#include <string>

#include "crm/connector.hpp"

namespace aftercall::tenancy {

// The same connector, its requests counted in /metrics: connectors know nothing of metrics, and none can be
// forgotten.
std::unique_ptr<crm::Connector> metered(std::string name, std::unique_ptr<crm::Connector> connector);

}  // namespace aftercall::tenancy
