#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crm/put.hpp"
#include "domain/failure.hpp"
#include "domain/secret.hpp"
#include "http/message.hpp"
#include "operation.hpp"

// What we ask of the API: pure, every value by construction.
namespace aftercall::crm::pipedrive {

// What all requests of a call have in common.
struct Sender {
  std::string base;
  bool bearer = false;  // else the token is a user's API token
  Secret token;
  std::string traceparent;
  std::string request_id;
};
http::Request wrap(const Operation& operation, const Sender& sender);

// The next page of a list or search of version 2.
Operation next_page(Operation operation, std::string_view cursor);

// Who are we there; which activity types there are; and for one token each, whether persons and deals may be
// read at all.
Operation who_am_i();
Operation activity_types();
Operation any_person();
Operation any_deal();

// Persons with this e-mail; candidates only, for the API's comparison is not ours.
Operation persons_by_email(std::string_view email);
// Numbers are stored as they were typed, so that several notations are tried, one after the other: first the
// national number in one piece wherever it stands, then those notations that write it in several.
std::vector<Operation> persons_by_phone(std::string_view e164, std::string_view region);

Operation deal_by_id(std::int64_t id);
// The latest few, since several may have been created in one second.
Operation newest_deals_of(std::int64_t person);

// A person, and the first of what may hang on one.
Operation person_by_id(std::int64_t id);
Operation any_deal_of(std::int64_t person);
Operation any_note_on(std::int64_t person);
Operation any_activity_of(std::int64_t person);

// Who took part in an activity, and which of up to a hundred persons are there.
Operation activity_by_id(std::int64_t id);
Operation persons_by_id(const std::vector<std::int64_t>& ids);

// What a person is called whom we create.
std::string name_of(const Person& person);

struct Participant {
  std::int64_t person = 0;
  bool primary = false;
};
using Participants = std::vector<Participant>;

// Rejected or TooLong for what cannot be sent, before anything is. An activity's update names participants
// only if they are told here, and then all of them, for they replace those that are there.
Result<Operation> operation_for(const Put& put, const Participants& participants = {});

// What may be there of a put whose answer was lost, newest first: notes from `start` on; activities and
// persons page by next_page. Rejected when nothing of it could have been sent.
enum class Among { ItsRecord, All };  // notes and activities: what hangs on its target, or on anything
Result<Operation> recall_of(const Put& lost, Instant since, Among among = Among::ItsRecord,
                            std::int64_t start = 0);

Result<Operation> removal_of(ArtifactKind kind, std::string_view id);

}  // namespace aftercall::crm::pipedrive
