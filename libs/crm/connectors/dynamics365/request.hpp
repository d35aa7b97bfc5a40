#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "crm/put.hpp"
#include "crm/question.hpp"
#include "domain/failure.hpp"
#include "operation.hpp"

// What we ask of the Web API: pure, every name and key by construction. envelope.hpp puts it on the wire.
namespace aftercall::crm::dynamics365 {

// appointment.onlinemeetingjoinurl's; UTF-16 units, but a URL is ASCII.
inline constexpr std::size_t join_url_length = 600;

// The queries that together answer a question, inactive contacts included so that they can be counted.
// Usually one; e-mails go in groups; none for what cannot have an answer (no e-mail, a URL that no column can
// hold).
std::vector<Operation> queries_for(const Question& question, bool with_accounts);
// The next page of a query: the vendor's own link below our service root, or Malformed when it leads
// elsewhere (it would carry our token there).
Result<Operation> next_page(std::string_view link, const std::string& service_root);

// Create-only or update-only: under our own key either is safe to send again. Rejected for what cannot be
// sent, before anything is.
Result<Operation> operation_for(const Put& put);
// What a contact that exists under our key is like.
Operation contact_by_key(const std::string& key);
// Is there a record with this put's key?
Operation recall_of(const Put& lost);

// A full name as first and last name, each cut to what its column holds; a person without a name is called by
// the address.
struct Name {
  std::string first, last;
};
Name name_of(const Person& person);

}  // namespace aftercall::crm::dynamics365
