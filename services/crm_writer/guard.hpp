#pragma once
#include "crm_writer/job.hpp"

// Creating a person where nothing keeps a second one of the same e-mail from being made.
namespace aftercall::crm_writer {

// Who was added since then may be this person: before nobody was found, and before our own request.
Instant guarded_since(const Person& person, const LedgerRow& row);

// The row of a record that was found there: it holds what the row's request said, but for a link that it does
// not show, which is then tried once more.
LedgerRow found_row(LedgerRow row, const crm::Written& found, Instant now);

// Takes back what was made twice. Why it stays, if so: somebody uses it by now, or we have not the right to
// tell or to remove.
asio::awaitable<Result<std::string>> remove_twin(JobPtr job, tenancy::ConnectorPtr connector,
                                                 ArtifactKind kind, std::string id);

// Goes on where the contact's row stands: lists who was added meanwhile; if nobody fits, says `sent`,
// creates, says `created` with the id, lists again; of twins the first stays and ours, still empty, is
// removed. Only then is the row `written`, and only then may a record hang on the contact. Should ours be
// gone by then, whoever has its address serves, and if nobody does, it was deleted by a person.
asio::awaitable<void> ensure_contact(JobPtr job, std::size_t artifact);

}  // namespace aftercall::crm_writer
