#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "domain/instant.hpp"

namespace aftercall {

// Which state of a session is the newer one. A stated revision beats an arrival; equal ones are told apart by
// when we accepted them, then by their content, so that every stage decides alike, whatever the order of
// arrival.
struct Revision {
  enum class Kind { Arrival, Number, Time };  // a source states one kind only, so Number never meets Time
  Kind kind = Kind::Arrival;
  std::int64_t value = 0;  // the upstream's number, or milliseconds since 1970
  Instant accepted_at{};
  std::string content_hash;

  bool stated() const { return kind != Kind::Arrival; }
  bool operator==(const Revision&) const = default;
  std::strong_ordering operator<=>(const Revision& other) const {
    if (const auto by_kind = rank() <=> other.rank(); std::is_neq(by_kind)) return by_kind;
    if (const auto by_value = value <=> other.value; std::is_neq(by_value)) return by_value;
    if (const auto by_time = accepted_at <=> other.accepted_at; std::is_neq(by_time)) return by_time;
    return content_hash <=> other.content_hash;
  }

 private:
  int rank() const { return stated() ? 1 : 0; }
};

}  // namespace aftercall
