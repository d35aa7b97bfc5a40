#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crm/json.hpp"
#include "crm/put.hpp"
#include "crm/question.hpp"
#include "domain/failure.hpp"
#include "domain/instant.hpp"
#include "http/message.hpp"
#include "request.hpp"

// What the API's answers mean: pure, and every byte of them hostile.
namespace aftercall::crm::pipedrive {

// A person as a search or a list shows one: the two write e-mails and phones differently.
struct PersonRow {
  std::int64_t id = 0;
  std::string name;
  std::vector<std::string> emails, phones;
  std::optional<Instant> added{};  // searches do not tell this, nor what follows
  std::int64_t owner = 0;
  bool untouched = false;  // nobody has edited it since
};
struct PersonPage {
  std::vector<PersonRow> persons;
  std::string cursor;  // of the rest; empty at the end
};
Result<PersonPage> read_search(const http::Response& answer);
Result<PersonPage> read_list(const http::Response& answer);
Result<PersonRow> read_person(const http::Response& answer);  // one by itself

// Of a look at one person: deleted, or merged into another, whom the API does not name.
Result<bool> is_gone(const http::Response& answer, std::int64_t person);

bool has_email(const PersonRow& person, const std::string& normalised);
bool has_phone(const PersonRow& person, const std::string& e164, const std::string& region);

struct Deal {
  std::optional<CrmRecord> record;
  bool gone = false;     // there is one, but it is archived or deleted: nothing can be left there
  std::string cursor{};  // of a list that held none: the rest
};
Result<Deal> read_deal(const http::Response& answer, const std::string& base);
// Of a list: the one created last, and of several in one second the one with the highest id.
Result<Deal> read_newest_deal(const http::Response& answer, std::int64_t person, const std::string& base);

// Deleted, though it can still be read; or merged into another one.
bool is_gone(const Json& row);
// Nobody has edited the row since.
bool only_created(const Json& row);

// A record made by us, as it stands in a list: found again by its reference.
struct Trace {
  std::int64_t id = 0;
  std::string text;
  bool by_us = false;        // notes tell; activities only tell who
  std::int64_t creator = 0;  // activities
  bool untouched = false;    // nobody has edited it since
  std::int64_t deal = 0;     // that it is linked to
};
struct TracePage {
  std::vector<Trace> traces;
  std::optional<std::int64_t> next_start;  // notes
  std::string cursor;                      // activities
  std::optional<Instant> last_added{};     // of the page's last row, whatever became of it
};
Result<TracePage> read_notes(const http::Response& answer);
Result<TracePage> read_activities(const http::Response& answer);

// Of one activity.
Result<Participants> read_participants(const http::Response& answer);

// An answer to a create or an update.
Result<Written> read_written(const Put& put, const http::Response& answer, const std::string& base);

// Where a person sees what a put left: notes and activities have no page of their own.
std::string link_of(const Put& put, std::int64_t id, const std::string& base);

}  // namespace aftercall::crm::pipedrive
