#pragma once
#include <optional>
#include <vector>

#include "matcher/match.hpp"

// Which deal a session belongs to, pure: its own, as the upstream named it, else the newest of its main
// person.
namespace aftercall::matcher {

// The first of the session's external participants who has a contact; null: nobody.
const ParticipantMatch* main_person(const Matched& matched);

// Asked beside the people: the deal that the session names itself.
std::vector<crm::Question> own_deal_question(const Session& session, const Capabilities& can);
// Asked once the people are known, unless the session's own deal was found.
std::vector<crm::Question> newest_deal_question(const Matched& matched, const Known& known);

// Why the deal could not be read, if it is waited for.
std::optional<Failure> unread_deal(const Known& known, bool tried);
// The deal, how it was found, or why there is none: that never stops the note on the person.
void judge_deal(Matched& matched, const Known& known);

}  // namespace aftercall::matcher
