// Only what needs a broker that gives a group away on command.
#include <gmock/gmock.h>

#include <chrono>

#include <boost/asio/io_context.hpp>

#include "bus/admin_requests.hpp"
#include "bus/client.hpp"
#include "bus/test_mock.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t offset_fetch = 9;  // Kafka's number of this request

// As in every restart of one broker of several.
TEST(GroupRequests, AGroupWhoseCoordinatorMovedIsAskedAboutAtTheNewOne) {
  MockBroker brokers("notes", 2);
  asio::io_context io;
  const Offload offload(io.get_executor());
  const auto handle =
      make_handle(RD_KAFKA_CONSUMER, Settings{brokers.bootstrap(), "asker"}, {{"group.id", "readers"}});
  for (const int coordinator : {1, 2, 1}) {
    brokers.coordinate("readers", coordinator);
    brokers.answer_next(offset_fetch, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    const auto found = request::committed({handle.get(), &offload, within(10s)}, "notes");
    EXPECT_TRUE(found) << found.error().detail;
  }
}

}  // namespace
}  // namespace aftercall::bus
