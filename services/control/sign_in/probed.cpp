#include "control/sign_in/probed.hpp"

namespace aftercall::control {

std::vector<tenancy::ConnectionPtr> to_be_mended(const tenancy::Directory& directory) {
  std::vector<tenancy::ConnectionPtr> wanting;
  for (const auto& tenant : directory.tenants())
    for (const auto& each : directory.connections(tenant->id)) {
      const bool lacks_rights = each->status == ConnectionStatus::Connected && !each->why.empty();
      if (lacks_rights || each->status == ConnectionStatus::SetupIncomplete) wanting.push_back(each);
    }
  return wanting;
}

std::vector<tenancy::ConnectionPtr> serving(const tenancy::Directory& directory, const Blocked& account) {
  auto all = directory.connections(account.first);
  std::erase_if(all, [&account](const tenancy::ConnectionPtr& each) {
    const bool serves = account.second.empty() || each->account == account.second;
    const bool may_help =
        each->status == ConnectionStatus::Connected || each->status == ConnectionStatus::SetupIncomplete;
    return !serves || !may_help;
  });
  return all;
}

}  // namespace aftercall::control
