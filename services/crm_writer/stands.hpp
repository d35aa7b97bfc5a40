#pragma once
#include "crm_writer/standing.hpp"
#include "crm_writer/write_unit.hpp"

namespace aftercall::crm_writer {

// How each of the plan's records stands by the ledger alone; nothing when none was ever sent.
stage::Stands stood(const Plan& plan, const Standing& standing, const SlotHash& hash);

// The same for a unit whose step could not say it (stage::Steps::stands).
stage::Stands stands(const stage::Unit& unit, const Position& at, const World& world);

}  // namespace aftercall::crm_writer
