#include "bus/asker.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace aftercall::bus::request {

tl::unexpected<Failure> failed(rd_kafka_resp_err_t error, const char* why, const std::string& doing) {
  Failure failure = rd::failure_of(error, doing);
  if (why != nullptr && *why != '\0') failure.detail = doing + ": " + why;
  return tl::unexpected(std::move(failure));
}

Result<rd::Event> ask(const Asker& asker, rd_kafka_admin_op_t operation, const std::string& doing,
                      const Send& send) {
  const rd::Options options(rd_kafka_AdminOptions_new(asker.handle, operation));
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(asker.deadline - std::chrono::steady_clock::now());
  std::array<char, 128> why{};
  const int timeout = static_cast<int>(std::clamp<std::int64_t>(left.count(), 1, 60'000));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, why.data(), why.size());
  const rd::Queue queue(rd_kafka_queue_new(asker.handle));
  send(options.get(), queue.get());
  while (const int slice = asker.offload->slice(asker.deadline)) {
    rd::Event event(rd_kafka_queue_poll(queue.get(), slice));
    if (!event) continue;
    const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(error, rd_kafka_event_error_string(event.get()), doing);
    return event;
  }
  return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, nullptr, doing);
}

}  // namespace aftercall::bus::request
