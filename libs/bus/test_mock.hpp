#pragma once
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <memory>
#include <string>

#include "bus/rdkafka.hpp"

namespace aftercall::bus {

// A broker that answers with errors on command. It loses data, so what a bus promises is tried against a real
// one (tests/contract).
class MockBroker {
 public:
  explicit MockBroker(const char* topic, int brokers = 1)
      : cluster_(rd_kafka_mock_cluster_new(host_.get(), brokers)) {
    rd_kafka_mock_topic_create(cluster_.get(), topic, 1, 1);
  }

  std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

  // The next requests of a kind (Kafka's number of it) are answered so.
  template <class... Errors>
  void answer_next(std::int16_t request, Errors... errors) {
    rd_kafka_mock_push_request_errors(cluster_.get(), request, sizeof...(errors), errors...);
  }

  void coordinate(const char* group, int broker) {
    rd_kafka_mock_coordinator_set(cluster_.get(), "group", group, broker);
  }

  void down(bool is_down) {
    const auto set = is_down ? rd_kafka_mock_broker_set_down : rd_kafka_mock_broker_set_up;
    set(cluster_.get(), 1);
  }

 private:
  static rd_kafka_t* host() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "socket.nagle.disable", "true", nullptr, 0);
    rd_kafka_conf_set_log_cb(conf, nullptr);
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  }

  rd::Handle host_ = rd::Handle(host());
  std::unique_ptr<rd_kafka_mock_cluster_t, rd::With<rd_kafka_mock_cluster_destroy>> cluster_;
};

}  // namespace aftercall::bus
