#pragma once
#include <map>
#include <string>
#include <vector>

#include "crm/connector.hpp"
#include "domain/match.hpp"
#include "domain/session.hpp"
#include "domain/tenant.hpp"
#include "matcher/external.hpp"

// The rules of matching, pure: what to ask, and what the answers mean. match_unit.hpp asks.
namespace aftercall::matcher {

// What the CRM answered, by identity. A look that failed alone stands as its failure.
struct Known {
  std::map<std::string, Result<crm::Answer>> contacts;  // by e-mail or E.164
  std::optional<Result<crm::Answer>> appointment;       // nothing: was not asked
  std::optional<Result<crm::Answer>> own_deal;          // likewise
  std::optional<Result<crm::Answer>> newest_deal;       // likewise
  Spent spent;
};

// First round: every e-mail in one question, phones of those who have no e-mail, the appointment.
std::vector<crm::Question> first_questions(const std::vector<External>& externals, const Session& session,
                                           const Tenant& tenant, const Capabilities& can, const Known& known);
// Second round: phones of those whom their e-mail did not find.
std::vector<crm::Question> second_questions(const std::vector<External>& externals, const Tenant& tenant,
                                            const Known& known);
// Files each answer under the identities that its question asked for.
void absorb(Known& known, const std::vector<crm::Question>& questions, crm::Answers answers);

// Who is who. A failed look at a person fails the unit (it must not look like "nobody"); a failed look at the
// appointment leaves only the appointment out.
Result<Matched> judge(const std::vector<External>& externals, const Session& session, const Tenant& tenant,
                      const Connection& connection, const Known& known);

// Whether a deal or an appointment that could not be read is waited for, and not left out: once for what may
// pass, but as long as it takes while the account only rests, which is no try. A right that is missing for
// these alone leaves only them out.
bool is_waited_for(Cause cause, bool tried);
// Why the appointment could not be read, if it is waited for.
std::optional<Failure> unread_appointment(const Known& known, bool tried);

// True when there is something to write for at least one participant.
bool somebody(const Matched& matched);
// "no contact with e-mail or phone of 2 participants; looked for: …", naming what was tried and never an
// address.
std::string nobody_reason(const Matched& matched);

}  // namespace aftercall::matcher
