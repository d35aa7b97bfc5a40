#pragma once
#include <optional>
#include <string>

#include "bus/rdkafka.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

// What a handle says about its connections while a question gets no answer. Some of it does not pass by
// itself: a wrong password, another certificate. To wait for the deadline would only hide it.
struct Heard {
  std::optional<Failure> refusal;
  std::string last{};  // the client's own words; "" when it said nothing
};
// Takes what was said out of the handle's main queue.
Heard hear(rd_kafka_t* handle);

}  // namespace aftercall::bus
