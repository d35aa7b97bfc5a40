#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/capabilities.hpp"
#include "domain/failure.hpp"
#include "domain/instant.hpp"
#include "domain/match.hpp"

// What a session asks of a CRM, and what it is told.
namespace aftercall::crm {

struct ContactsByEmail {
  std::vector<std::string> emails;  // normalised, distinct
};
struct ContactsByPhone {
  std::string e164;
  std::string region;  // how to read what the CRM holds in national format
  // Whoever has the number is wanted, whatever that costs; else somebody, and how much was not asked for is
  // told.
  bool everybody = false;
};
struct AppointmentAt {
  std::string join_url;
  Instant start;
};
struct DealById {
  std::string id;  // as the upstream named it
};
// The deal created last, whatever became of it.
struct NewestDealOf {
  CrmRecord contact;
};
// Which activity types there are now: a description's list, for less.
struct ActivityTypesNow {};
using Question =
    std::variant<ContactsByEmail, ContactsByPhone, AppointmentAt, DealById, NewestDealOf, ActivityTypesNow>;

// A contact as the CRM holds it; active ones only.
struct FoundContact {
  CrmRecord record;
  std::string email;                // normalised
  std::vector<std::string> phones;  // E.164, those that could be read
  Instant created_on{};  // the same for all where the CRM does not tell: then the lower id is the older
  std::optional<CrmRecord> account;
};
// Contacts answer to the question that found them, each with the e-mail or phone that did, oldest first, then
// by id; appointments and deals are plain records, a deal answers alone. An answer fails alone: a table that
// this account does not have is no reason to leave the rest unanswered.
struct Answer {
  std::vector<FoundContact> contacts;
  std::vector<CrmRecord> appointments;
  std::optional<CrmRecord> deal;
  std::vector<ActivityType> activity_types;
  // ContactsByPhone, where somebody was found: notations of the number that were not searched for any more.
  // Others may have it in one of those.
  std::size_t unasked = 0;
  // The contacts' accounts were asked for and may not be read: of none of them is it known whether it has
  // one.
  bool accounts_refused = false;
  std::size_t inactive = 0;                              // how many would have answered, were they active
  std::map<std::string, std::size_t> inactive_by_email;  // the same, for each e-mail of ContactsByEmail
  // ContactsByEmail, where it was cut short: the e-mails that are still to be asked for, and why. Of the
  // others all is answered; where nothing is, the whole question has failed instead.
  std::map<std::string, Failure> unread;
};

struct Answers {
  std::vector<Result<Answer>> each;  // in the order of the questions
  Spent spent;
};

}  // namespace aftercall::crm
