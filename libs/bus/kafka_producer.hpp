#pragma once
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/answer.hpp"
#include "bus/client.hpp"
#include "bus/doorbell.hpp"
#include "bus/offload.hpp"
#include "bus/producer.hpp"
#include "bus/wakeup.hpp"

namespace aftercall::bus {

class KafkaProducer final : public Producer {
 public:
  KafkaProducer(const asio::any_io_executor& executor, Settings settings, ProducerSettings own);
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;
  ~KafkaProducer() override;

  asio::awaitable<Result<Position>> publish(Draft draft) override;
  asio::awaitable<Result<void>> ready(Deadline deadline) override;
  asio::awaitable<Result<void>> flush(Deadline deadline) override;
  asio::awaitable<Result<int>> partitions(std::string name, Deadline deadline) override;
  std::optional<std::string> fatal() const override;

 private:
  // A record on its way. librdkafka refers to the value's bytes until it reports, so it stays where it is
  // until then, even when its caller was answered at the deadline.
  struct Sending {
    Draft draft;
    Answer<Result<Position>> answer;
    Deadline deadline;
    std::list<Sending>::iterator self{};
  };

  bool ring();
  void serve(rd_kafka_event_t* event);
  void report(const rd_kafka_message_t& message);
  void send_waiting();
  rd_kafka_resp_err_t send(Sending& sending);
  static void give_up_late(std::list<Sending>& sendings, Deadline now);
  rd_kafka_topic_t* topic(const std::string& name);

  asio::any_io_executor executor_;
  Settings settings_;
  ProducerSettings own_;
  Wakeup acked_;
  std::list<Sending> waiting_;    // for room in librdkafka's queue
  std::list<Sending> in_flight_;  // in the order of publishing, hence of their deadlines
  Doorbell doorbell_;
  rd::Handle handle_;
  rd::Queue events_;
  std::vector<rd::Topic> topics_;
  Offload offload_;
};

}  // namespace aftercall::bus
