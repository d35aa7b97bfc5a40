#pragma once
#include <string>
#include <utility>
#include <vector>

#include "bus/rdkafka.hpp"
#include "bus/settings.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

using Properties = std::vector<std::pair<std::string, std::string>>;

// A configuration for librdkafka: what every handle of ours has, then the security settings, then `own`.
Result<rd::Conf> configure(const Settings& settings, const Properties& own);

// A handle whose log goes to its queues. Throws for settings that configure() would have refused.
rd::Handle make_handle(rd_kafka_type_t type, const Settings& settings, const Properties& own);

// Passes a log event on, if it is one.
bool pass_log(const Settings& settings, rd_kafka_event_t* event);

void say(const Settings& settings, Severity severity, const std::string& text);

}  // namespace aftercall::bus
