#include "matcher/match_unit.hpp"

#include "aftercall/events/v1/session_finished.pb.h"
#include "matcher/deal.hpp"
#include "matcher/match.hpp"
#include "wire/contact_matched.hpp"
#include "wire/session.hpp"
#include "wire/topics.hpp"

namespace aftercall::matcher {
namespace {

namespace v1 = aftercall::events::v1;

// The event as it came, and the view of it that the rules read.
struct Finished {
  v1::SessionFinished message;
  Session session;
};

// The ledger's promise ends 180 days after the last write; a month is kept between the two.
constexpr std::chrono::hours too_old{150 * 24};

// What ends or blocks the unit before anything is asked; the connection to ask otherwise.
using Begin = std::variant<stage::Outcome, tenancy::Serving>;

bool is_too_old(const Session& session, const stage::Context& context) {
  const bool resent = !context.envelope.run.empty();  // a person wants it
  return !resent && session.ended_at && context.now - *session.ended_at > too_old;
}

Begin begin(const stage::Unit& unit, const stage::Context& context, const World& world,
            const Tenant& tenant) {
  if (tenant.paused) return stage::Failed{{Cause::Paused, "the tenant is paused"}};
  if (is_too_old(unit.as<Finished>().session, context))
    return stage::settle("too old", "it ended more than 150 days ago: nothing is written so long afterwards");
  if (unit.account.empty()) {
    if (world.directory->connections(tenant.id).empty())
      return stage::settle("no CRM connected", "the tenant has no connection to a CRM");
    return stage::Failed{world.directory->why_none(tenant.id)};
  }
  auto serving =
      tenancy::serving(*world.directory, *world.connectors, tenant.id, unit.account, ConnectionId());
  if (!serving) return stage::Failed{serving.error()};
  return *serving;
}

stage::Outcome nobody(const Matched& matched) {
  auto outcome = stage::settle("no contact", nobody_reason(matched));
  for (const auto& match : matched.participants)
    outcome.settled.evidence.push_back({match.participant, match.reason, match.lookups});
  outcome.settled.connection = matched.connection;
  outcome.settled.spent = matched.spent;
  return outcome;
}

stage::Outcome conclude(const Finished& finished, const Matched& matched) {
  if (!somebody(matched)) return nobody(matched);
  const bool with_transcript = finished.session.handoff.has_value();
  return stage::Emit{
      std::string(wire::topic::contact_matched),
      wire::contact_matched(finished.message.session(), matched, with_transcript).SerializeAsString(),
      matched.spent};
}

// Why some person's look failed: then "nobody" cannot be said of anybody.
std::optional<Failure> unread_in(const Known& known) {
  for (const auto& [identity, answer] : known.contacts)
    if (!answer) return answer.error();
  return std::nullopt;
}

// A deal or an appointment that is not worth waiting for any more is left out, and the note on the contact is
// not.
std::optional<Failure> wait_for_more(const Matched& matched, const Known& known,
                                     const stage::Context& context) {
  const bool tried = context.envelope.tries > 0;
  auto unread = unread_deal(known, tried);
  if (!unread && somebody(matched)) unread = unread_appointment(known, tried);
  return unread;
}

// From when on nobody was there: an answer may have been remembered for a moment.
void date_creates(Matched& matched, Instant since) {
  for (auto& match : matched.participants)
    if (match.create) match.looked_at = since - Remembered::nobody_for;
}

// What is away for a while cuts a try short, and is no reason to begin anew.
stage::Outcome unread(const Inquiry& inquiry, const Failure& failure, const Shared& shared) {
  if (kind_of(failure.cause) == Kind::Transient) put_off(inquiry, shared);
  return stage::Failed{.failure = failure, .spent = inquiry.known.spent};
}

}  // namespace

Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory) {
  const auto finished = std::make_shared<Finished>();
  if (!record.value || !finished->message.ParseFromString(*record.value))
    return fail(Cause::Malformed, "the value is no session.finished");
  auto session = wire::session_of(finished->message.session());
  if (!session) return tl::unexpected(session.error());
  finished->session = std::move(*session);
  if (finished->session.key.tenant != envelope.tenant)
    return fail(Cause::Malformed, "the session's tenant is not the envelope's");
  if (!directory.tenant(envelope.tenant)) return fail(Cause::NoTenant, "no configuration of this tenant yet");
  auto accounts = directory.accounts(envelope.tenant);
  if (accounts.empty()) accounts.emplace_back();
  std::vector<stage::Unit> units;
  units.reserve(accounts.size());
  for (auto& account : accounts)
    units.push_back({std::move(account), finished->session.key, finished->session.revision, finished});
  return units;
}

asio::awaitable<stage::Outcome> match_unit(stage::Unit unit, stage::Context context, World world) {
  const auto& finished = unit.as<Finished>();  // owned by `unit`, which lives in this frame
  const auto tenant = world.directory->tenant(context.envelope.tenant);
  if (!tenant) co_return stage::Failed{{Cause::NoTenant, "no configuration of this tenant yet"}};
  const auto begun = begin(unit, context, world, *tenant);
  if (const auto* ended = std::get_if<stage::Outcome>(&begun)) co_return *ended;
  const auto& [connection, connector] = std::get<tenancy::Serving>(begun);

  const auto externals = externals_of(finished.session, *tenant);
  if (externals.empty()) {
    auto internal = stage::settle("internal only", "no participant is from outside the tenant");
    co_return internal;
  }
  const auto inquiry = std::make_shared<Inquiry>();
  const Known& known = inquiry->known;
  inquiry->connector = connector;
  inquiry->call = {context.deadline, context.envelope.traceparent, context.envelope.id};
  inquiry->sight = {unit.account, connection->id};
  inquiry->run = context.envelope.run;
  const Instant now = truncate(context.now);
  inquiry->since = now;
  recall(*inquiry, externals, world.shared);
  const auto& reread = *world.shared.reread;
  Connection seen = *connection;
  seen.capabilities = reread.newest(inquiry->sight, connection->capabilities);
  if (wants_types_anew(finished.session, seen.capabilities, now)) {
    co_await read_again(inquiry, connection->capabilities, now, world.shared);
    seen.capabilities = reread.newest(inquiry->sight, connection->capabilities);
  }

  auto questions = first_questions(externals, finished.session, *tenant, seen.capabilities, known);
  for (auto& each : own_deal_question(finished.session, seen.capabilities))
    questions.push_back(std::move(each));
  const auto first = co_await ask(inquiry, std::move(questions), world.shared);
  if (!first) co_return unread(*inquiry, first.error(), world.shared);
  if (const auto failure = unread_in(known)) co_return unread(*inquiry, *failure, world.shared);
  questions = second_questions(externals, *tenant, known);
  const auto second = co_await ask(inquiry, std::move(questions), world.shared);
  if (!second) co_return unread(*inquiry, second.error(), world.shared);

  auto matched = judge(externals, finished.session, *tenant, seen, known);
  if (!matched) co_return unread(*inquiry, matched.error(), world.shared);
  questions = newest_deal_question(*matched, known);
  const auto third = co_await ask(inquiry, std::move(questions), world.shared);
  if (!third) co_return unread(*inquiry, third.error(), world.shared);
  if (const auto failure = wait_for_more(*matched, known, context))
    co_return unread(*inquiry, *failure, world.shared);
  judge_deal(*matched, known);
  date_creates(*matched, inquiry->since);
  matched->spent = context.spent + known.spent;
  co_return conclude(finished, *matched);
}

}  // namespace aftercall::matcher
