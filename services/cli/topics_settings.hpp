#pragma once
#include "cli/commands.hpp"
#include "domain/failure.hpp"
#include "process/sections.hpp"

namespace aftercall::cli {

// How to reach Kafka and what its topics are called: by the [kafka] of the file that --config names, with its
// security settings, else by the options. What else a service's file holds is for the service to judge.
Result<process::Kafka> kafka_of(const TopicsOptions& options);

}  // namespace aftercall::cli
