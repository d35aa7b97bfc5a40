#include "control/sign_in/connect.hpp"

#include <tuple>

namespace aftercall::control {
namespace {

Connection with_status(Connection connection, ConnectionStatus status, std::string why, Instant now) {
  if (connection.status != status) connection.since = now;  // `since` is of the status, not of its reason
  connection.status = status;
  connection.why = std::move(why);
  return connection;
}

bool same_but_time(Capabilities a, const Capabilities& b) {
  a.read_at = b.read_at;
  return a == b;
}

std::string missing_text(const std::vector<std::string>& missing) {
  std::string text;
  for (const auto& each : missing) text += (text.empty() ? "missing: " : ", ") + each;
  return text;
}

// Others are missing than before: what waits for one of them may go on, although the status is the same. (One
// more that is missing makes it try once in vain.)
bool lacks_others(const Connection& before, const std::vector<std::string>& missing) {
  return before.status == ConnectionStatus::Connected && !before.why.empty() &&
         before.why != missing_text(missing);
}

// What may be read and written; lengths and lists are no rights.
auto rights_in(const Capabilities& can) {
  return std::tie(can.appointments, can.accounts, can.deals, can.activities, can.cases, can.deals_need,
                  can.activities_need);
}

// The same of rights that no note on a contact needs: a look that asked for more than is permitted was
// refused as a whole, and leaves out from now on what may not be read.
bool may_do_others(const Connection& before, const Capabilities& found) {
  return before.status == ConnectionStatus::Connected && rights_in(before.capabilities) != rights_in(found);
}

}  // namespace

Connection refused(const Connection& before, const Failure& why, Instant now) {
  const bool setup = why.cause != Cause::NotAuthorized;
  return with_status(before, setup ? ConnectionStatus::SetupIncomplete : ConnectionStatus::ReconnectNeeded,
                     why.detail, now);
}

bool still_stands(const Connection& before, const Connection& current) {
  const bool ended = current.status == ConnectionStatus::Disconnected && before.status != current.status;
  return !ended && before.crm == current.crm && before.url == current.url &&
         before.settings == current.settings;
}

Connection disconnected(const Connection& before, Instant now) {
  return with_status(before, ConnectionStatus::Disconnected, "", now);
}

Result<Connection> connected(const Connection& before, const Result<crm::Description>& described,
                             const tenancy::Directory& directory, Instant now) {
  if (!described) {
    if (kind_of(described.error().cause) == Kind::Transient) return tl::unexpected(described.error());
    return refused(before, described.error(), now);
  }
  const TenantId holder = directory.holder(described->account);
  if (!holder.empty() && holder != before.tenant)
    return refused(
        before,
        {Cause::SetupIncomplete,
         described->company + " is connected to another tenant already; an account belongs to one tenant"},
        now);
  // A right that is missing shows at the records that need it: what can be written is written.
  Connection after = with_status(before, ConnectionStatus::Connected, missing_text(described->missing), now);
  if (lacks_others(before, described->missing) || may_do_others(before, described->capabilities))
    after.since = now;
  after.account = described->account;
  // Read again and found the same is no change that every stage must hear of.
  if (!same_but_time(after.capabilities, described->capabilities))
    after.capabilities = described->capabilities;
  return after;
}

}  // namespace aftercall::control
