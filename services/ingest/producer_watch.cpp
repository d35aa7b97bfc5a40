#include "ingest/producer_watch.hpp"

#include <chrono>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.hpp"

namespace aftercall::ingest {
namespace {

constexpr std::chrono::milliseconds between_looks{500};
constexpr std::chrono::milliseconds patience{2000};  // of one try; a stop waits for its end

}  // namespace

asio::awaitable<void> ProducerWatch::run(std::function<void(Failure)> lost) {
  while (!stopping_) {
    if (const auto why = producer_.fatal()) {
      lost(Failure{Cause::Unreachable, "the producer can publish no more: " + *why});
      co_return;
    }
    if (!ready_) {
      const Result<void> ready = co_await producer_.ready(bus::within(patience));
      if (!ready) log::warn("door.not_ready", {{"why", ready.error().detail}});
      ready_ = ready.has_value();
    }
    co_await rest();
  }
}

asio::awaitable<void> ProducerWatch::rest() {
  if (stopping_) co_return;
  boost::system::error_code cancelled;
  pause_.expires_after(between_looks);
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void ProducerWatch::stop() {
  stopping_ = true;
  pause_.cancel();
}

std::optional<std::string> ProducerWatch::why_not() const {
  if (const auto why = producer_.fatal()) return "Kafka: " + *why;
  if (!ready_) return "Kafka: the topic session.finished is not known to be there yet";
  return std::nullopt;
}

}  // namespace aftercall::ingest
