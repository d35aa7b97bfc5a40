#pragma once
#include <chrono>

#include "control/deferred/deferral.hpp"
#include "wire/topics.hpp"

namespace aftercall::control {

// event.deferred holds personal data, and none of that is kept longer than this.
inline constexpr std::chrono::hours expires_after{30 * 24};

inline Instant expiry_of(const Deferral& deferral) { return deferral.first_deferred + expires_after; }

// The outcome that says so, for the deferral's own record; Malformed when nobody could tell what had waited.
Result<Draft> expired(const Record& record, const wire::TopicNames& topics, Instant now);

// The same for what a person gave up; the record says who and why.
Result<Draft> discarded(const Record& record, const wire::TopicNames& topics, Instant now);

}  // namespace aftercall::control
