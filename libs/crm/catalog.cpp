#include "crm/connector.hpp"

namespace aftercall::crm {

const Entry* find(std::string_view crm) {
  for (const auto& row : catalog())
    if (row.name == crm) return row.entry;
  return nullptr;
}

}  // namespace aftercall::crm
