#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "domain/instant.hpp"
#include "domain/utf8.hpp"

namespace aftercall {

// A kind of activity that an account knows. People see the name; requests bear the key.
struct ActivityType {
  std::string name;
  std::string key;
  bool operator==(const ActivityType&) const = default;
};

// What an account's CRM can hold and do, read from the CRM itself: plans are made from this, never from a
// CRM's name.
struct Capabilities {
  bool keyed_writes = false;  // a create under our own key happens at most once
  bool appointments = false;  // appointments can be found by their join URL
  bool accounts = false;      // contacts belong to accounts that bear notes of their own
  bool one_note = false;      // one note a session, for its person and deal; else one on each record
  bool deals = false;
  bool activities = false;
  bool cases = false;
  // The CRM has them, but the connection lacks this right. Empty: it has none, or nothing is lacking.
  std::string deals_need;
  std::string activities_need;
  std::size_t contact_email_length = 0;      // UTF-16 code units; 0: nobody knows of a limit
  std::size_t join_url_length = 0;           // an appointment's; the same
  std::size_t note_title_length = 0;         // UTF-16 code units
  std::size_t note_text_length = 0;          // tags included
  Measure note_text_in = Measure::Utf16;     // what that counts
  std::vector<ActivityType> activity_types;  // active ones
  Instant read_at{};
  bool operator==(const Capabilities&) const = default;
};

}  // namespace aftercall
