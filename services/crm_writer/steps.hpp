#pragma once
#include "crm_writer/write_unit.hpp"
#include "stage/stage.hpp"

namespace aftercall::crm_writer {

// What the runner asks of this stage about a unit; what it asks about partitions is the ledger's, and main's.
stage::Steps steps(const World& world);

}  // namespace aftercall::crm_writer
