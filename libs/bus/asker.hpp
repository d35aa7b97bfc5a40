#pragma once
#include <functional>
#include <string>

#include "bus/offload.hpp"
#include "bus/rdkafka.hpp"

namespace aftercall::bus::request {

struct Asker {
  rd_kafka_t* handle;
  const Offload* offload;
  Deadline deadline;
};

using Send = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

// Sends an admin request and waits for its result event. Blocks: for the offload's thread.
Result<rd::Event> ask(const Asker& asker, rd_kafka_admin_op_t operation, const std::string& doing,
                      const Send& send);

// A failure in Kafka's own words, when it has some.
tl::unexpected<Failure> failed(rd_kafka_resp_err_t error, const char* why, const std::string& doing);

}  // namespace aftercall::bus::request
