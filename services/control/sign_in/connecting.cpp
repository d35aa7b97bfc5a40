#include "control/sign_in/connecting.hpp"

#include "control/sign_in/connect.hpp"
#include "telemetry/log.hpp"
#include "telemetry/trace.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds for_describing{20'000};
constexpr std::chrono::milliseconds for_writing{10'000};

Instant now() { return truncate(std::chrono::system_clock::now()); }

Failure no_such(const ConnectionId& id) { return {Cause::NotFound, "there is no connection " + id.str()}; }

crm::Call call_until(bus::Deadline deadline) {
  crm::Call call;
  call.deadline = std::min(deadline, bus::within(for_describing));
  call.traceparent = telemetry::next_traceparent("");
  call.request_id = "control-" + hex_of(random_bytes(8));
  return call;
}

// A person is told of everything. What only leaves something out stands in the capabilities and is no reason
// to look at the connection again and again.
std::vector<std::string> missing_in(const crm::Description& description) {
  auto missing = description.missing;
  const auto& can = description.capabilities;
  if (!can.deals_need.empty()) missing.push_back(can.deals_need + " (no links to deals)");
  if (!can.activities_need.empty()) missing.push_back(can.activities_need + " (no activities)");
  return missing;
}

}  // namespace

asio::awaitable<Result<void>> Connecting::update(tenancy::ConnectionPtr before, Change change,
                                                 std::string action, std::string who,
                                                 bus::Deadline deadline) {
  Changes::Decide decide = [this, before, change = std::move(change),
                            action = std::move(action)]() -> Result<Decision> {
    const auto current = parts_.directory.connection(before->tenant, before->id);
    if (!current) return tl::unexpected(no_such(before->id));
    if (!still_stands(*before, *current))
      return fail(Cause::Rejected,
                  "connection " + before->id.str() + " was changed or disconnected meanwhile; try again");
    const Result<Connection> after = change(*current);
    if (!after) return tl::unexpected(after.error());
    return decide_update(parts_.directory, *after, action);
  };
  const Result<Decision> done =
      co_await parts_.changes.carry_out(std::move(decide), std::move(who), deadline);
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>();
}

asio::awaitable<Result<Connected>> Connecting::connect(TenantId tenant, ConnectionId id, Occasion occasion,
                                                       std::string who, bus::Deadline deadline) {
  const tenancy::ConnectionPtr before = parts_.directory.connection(tenant, id);
  if (!before) co_return tl::unexpected(no_such(id));
  if (occasion != Occasion::Connect && before->status == ConnectionStatus::Disconnected)
    co_return fail(Cause::Rejected, "connection " + id.str() + " is disconnected: connect it again");
  const crm::Entry* const entry = parts_.find(before->crm);
  if (entry == nullptr)
    co_return fail(Cause::NeedsNewerStage, "this release of control has no connector for " + before->crm);
  if (occasion == Occasion::Connect) parts_.sign_ins.forget(tenant, id);
  crm::TokenSource tokens = [this, before](Secret refused) {
    return parts_.sign_ins.token(before, std::move(refused));
  };
  const auto connector = entry->make(*before, std::move(tokens), parts_.client);
  crm::Call call = call_until(deadline);
  const Result<crm::Description> described = co_await connector->describe(std::move(call));
  if (stopping_) co_return fail(Cause::Unreachable, "control is stopping");
  Change change = [this, described, occasion](const Connection& current) {
    Result<Connection> after = connected(current, described, parts_.directory, now());
    // A person says that something was mended: what is blocked may go on, even if the connection seemed well
    // all the time; unless a right is still missing, which would only block it again.
    if (after && occasion != Occasion::Upkeep && after->status == ConnectionStatus::Connected &&
        after->why.empty())
      after->since = now();
    return after;
  };
  std::string action = occasion == Occasion::Connect ? "connection.connect" : "connection.probe";
  const Result<void> written =
      co_await update(before, std::move(change), std::move(action), std::move(who), deadline);
  if (!written) co_return tl::unexpected(written.error());
  Connected answer{parts_.directory.connection(tenant, id), "", {}};
  if (!answer.connection) co_return tl::unexpected(no_such(id));
  if (described) answer.company = described->company;
  if (described) answer.missing = missing_in(*described);
  co_return answer;
}

asio::awaitable<Result<Connected>> Connecting::disconnect(TenantId tenant, ConnectionId id, std::string who,
                                                          bus::Deadline deadline) {
  Changes::Decide decide = [this, tenant, id]() -> Result<Decision> {
    const tenancy::ConnectionPtr before = parts_.directory.connection(tenant, id);
    if (!before) return tl::unexpected(no_such(id));
    Decision decision =
        decide_update(parts_.directory, disconnected(*before, now()), "connection.disconnect");
    auto credentials = parts_.vault.credentials(tenant, id);
    if (credentials && (credentials->refresh_token || credentials->api_token)) {
      credentials->refresh_token.reset();
      credentials->api_token.reset();
      decision.secrets.push_back({tenant, id, *credentials});
    }
    return decision;
  };
  const Result<Decision> done =
      co_await parts_.changes.carry_out(std::move(decide), std::move(who), deadline);
  parts_.sign_ins.forget(tenant, id);
  if (!done) co_return tl::unexpected(done.error());
  co_return Connected{parts_.directory.connection(tenant, id), "", {}};
}

asio::awaitable<void> Connecting::note_refusal(tenancy::ConnectionPtr connection, Failure why) {
  const tenancy::ConnectionPtr current = parts_.directory.connection(connection->tenant, connection->id);
  if (!current || current->status == ConnectionStatus::Disconnected) co_return;
  Change change = [why = std::move(why)](const Connection& stored) -> Result<Connection> {
    return refused(stored, why, now());
  };
  const auto deadline = bus::within(for_writing);
  const Result<void> written =
      co_await update(connection, std::move(change), "connection.refused", "control", deadline);
  if (!written)
    log::warn("connection.status_not_written",
              {{"connection", connection->id}, {"why", written.error().detail}});
}

asio::awaitable<Result<void>> Connecting::store(tenancy::ConnectionPtr connection, crm::Credentials used,
                                                crm::Credentials fresh) {
  Changes::Decide decide = [this, connection, used = std::move(used),
                            fresh = std::move(fresh)]() -> Result<Decision> {
    const auto stored = parts_.vault.credentials(connection->tenant, connection->id);
    if (!stored || !(*stored == used))
      return fail(Cause::NoLease, "the connection was changed meanwhile; try again");
    Decision decision;
    decision.secrets.push_back({connection->tenant, connection->id, fresh});
    return decision;
  };
  const auto deadline = bus::within(for_writing);
  const Result<Decision> done = co_await parts_.changes.carry_out(std::move(decide), "control", deadline);
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>();
}

void Connecting::stop() {
  stopping_ = true;
  parts_.client.close();
}

asio::awaitable<void> Connecting::probe(tenancy::ConnectionPtr connection) {
  const auto deadline = bus::within(for_describing + for_writing);
  const Result<Connected> found =
      co_await connect(connection->tenant, connection->id, Occasion::Upkeep, "control", deadline);
  if (!found && !stopping_)
    log::warn(
        "probe.failed",
        {{"tenant", connection->tenant}, {"connection", connection->id}, {"why", found.error().detail}});
}

}  // namespace aftercall::control
