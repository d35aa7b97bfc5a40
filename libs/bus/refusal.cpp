#include "bus/refusal.hpp"

namespace aftercall::bus {
namespace {

std::optional<Failure> refusal_in(rd_kafka_resp_err_t error, const std::string& words) {
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION)
    return Failure{Cause::NotAuthorized,
                   "Kafka refuses the sign-in; set sasl.username, sasl.password and sasl.mechanism under "
                   "[kafka.security] as Kafka has them (" +
                       words + ")"};
  if (error == RD_KAFKA_RESP_ERR__SSL)
    return Failure{
        Cause::SetupIncomplete,
        "there is no TLS with Kafka; set ssl.ca.location under [kafka.security] to the certificate that "
        "signed the brokers', and name them in [kafka] brokers as their certificates do (" +
            words + ")"};
  return std::nullopt;
}

}  // namespace

Heard hear(rd_kafka_t* handle) {
  const rd::Queue events(rd_kafka_queue_get_main(handle));
  Heard heard;
  for (rd::Event event = rd::poll(events); event; event = rd::poll(events)) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) continue;  // it follows each reason and names none
    heard.last = rd_kafka_event_error_string(event.get());
    if (auto refusal = refusal_in(error, heard.last)) heard.refusal = std::move(refusal);
  }
  return heard;
}

}  // namespace aftercall::bus
