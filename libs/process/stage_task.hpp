#pragma once
#include "process/host.hpp"
#include "stage/stage.hpp"
#include "tenancy/following.hpp"

namespace aftercall::process {

// With --effects=none, the settings of a dry run: what the stage would have published is printed instead.
stage::Settings with_effects_as_asked(Host& host, stage::Settings settings);

// A stage's life in its process: first tenant.config to its end, so that no event meets an unknown tenant,
// then the stage, until SIGTERM; why it could not go on ends the process. Also its readiness. Both outlive
// the host's run.
void spawn_stage(Host& host, tenancy::Following& config, stage::Stage& stage);

}  // namespace aftercall::process
