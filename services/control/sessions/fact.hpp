#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/record.hpp"
#include "domain/session.hpp"
#include "wire/topics.hpp"

namespace aftercall::control {

// What one record of a data topic says about a session, as small as its story needs it: texts and transcripts
// stay in Kafka. The session view is nothing but these; a story is a function of their set.
struct Fact {
  enum class Kind { Finished, Matched, Ready, Settled, Deferred };
  Kind kind = Kind::Finished;
  Position at;
  Instant time{};
  std::string session;  // tenant/source/session, as in Kafka's keys
  std::string event;    // ce_id
  int attempt = 1;
  std::string run;
  std::string payload;   // the message without what the story does not need
  std::string deferral;  // of a deferral: its key, under which its release will appear
  std::optional<Instant> released{};
  std::vector<std::string> ids;  // what a person may search it by
};

// Nothing for what cannot be read (such a record's stage has deferred it as dead) and for tombstones.
std::optional<Fact> fact_of(const Record& record, const wire::TopicNames& topics);

// The key of the deferral that a tombstone releases.
std::optional<std::string> release_in(const Record& record, const wire::TopicNames& topics);

}  // namespace aftercall::control
