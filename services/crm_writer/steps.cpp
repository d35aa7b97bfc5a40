#include "crm_writer/steps.hpp"

#include <utility>

#include "crm_writer/stands.hpp"

namespace aftercall::crm_writer {

stage::Steps steps(const World& world) {
  stage::Steps steps;
  steps.split = [world](const Record& record, const wire::Envelope& envelope) {
    return split(record, envelope, *world.directory);
  };
  steps.step = [world](stage::Unit unit, stage::Context context) {
    return write_unit(std::move(unit), std::move(context), world);
  };
  steps.stands = [world](const stage::Unit& unit, const Position& at) { return stands(unit, at, world); };
  return steps;
}

}  // namespace aftercall::crm_writer
