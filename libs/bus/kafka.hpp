#pragma once
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "bus/bus.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

// Kafka through librdkafka, whose own threads do the fetching and sending; this side never blocks. `executor`
// must be run by one thread. A failure only for settings that are wrong: Kafka itself may be down and come
// later.
Result<std::unique_ptr<Bus>> open(asio::any_io_executor executor, Settings settings);

}  // namespace aftercall::bus
