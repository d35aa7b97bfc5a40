#pragma once
#include "process/host.hpp"
#include "stage/stage.hpp"
#include "tenancy/following.hpp"

namespace aftercall::process {

// A stage's life in its process: first tenant.config to its end, so that no event meets an unknown tenant,
// then the stage, until SIGTERM; why it could not go on ends the process. Also its readiness. Both outlive
// the host's run.
void spawn_stage(Host& host, tenancy::Following& config, stage::Stage& stage);

}  // namespace aftercall::process
