#pragma once
#include <chrono>
#include <optional>

#include "control/deferred/deferral.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::control {

// How long a stage may take to hear of a change, and clocks may differ.
inline constexpr std::chrono::seconds hearsay{60};

// When a blocked unit may go on: a change that ends its cause was recorded after it was deferred. Never the
// mere state: a right that is missing although the connection looks well would be tried for ever. Nothing:
// not yet, or only when a person says so (no stage announces its release, so that needs_newer_stage is one of
// these).
//   not_authorized    a connection of its account was connected (again), or probed by a person
//   not_permitted     the same, or control's own probe found other rights than before: all move `since`
//   setup_incomplete  the same, or the settings of the tenant or such a connection were changed
//   paused            the tenant was resumed
// A unit that was deferred shortly after the change, perhaps by a stage that had not heard of it, goes on
// once when every stage has heard.
std::optional<Instant> ends_block(const Deferral& deferral, const tenancy::Directory& directory);

// When it is released, by itself or because a person asked; nothing: not yet.
std::optional<Instant> due_of(const Deferral& deferral, const tenancy::Directory& directory);

}  // namespace aftercall::control
