#include "bus/kafka.hpp"

#include "bus/client.hpp"
#include "bus/kafka_admin.hpp"
#include "bus/kafka_consumer.hpp"
#include "bus/kafka_producer.hpp"
#include "bus/kafka_reader.hpp"

namespace aftercall::bus {
namespace {

class Kafka final : public Bus {
 public:
  Kafka(asio::any_io_executor executor, Settings settings)
      : executor_(std::move(executor)), settings_(std::move(settings)) {}

  std::unique_ptr<Producer> producer(ProducerSettings own) override {
    return std::make_unique<KafkaProducer>(executor_, settings_, std::move(own));
  }
  std::unique_ptr<Consumer> consumer(ConsumerSettings own) override {
    return std::make_unique<KafkaConsumer>(executor_, settings_, std::move(own));
  }
  std::unique_ptr<Reader> reader(std::vector<Start> starts, Answers answers) override {
    return std::make_unique<KafkaReader>(executor_, settings_, std::move(starts), answers);
  }
  std::unique_ptr<Admin> admin() override { return std::make_unique<KafkaAdmin>(executor_, settings_); }

 private:
  asio::any_io_executor executor_;
  Settings settings_;
};

}  // namespace

Result<std::unique_ptr<Bus>> open(asio::any_io_executor executor, Settings settings) {
  std::string wrong;
  for (const std::string& sentence : check(settings))
    wrong += (wrong.empty() ? "kafka." : "; kafka.") + sentence;
  if (!wrong.empty()) return fail(Cause::SetupIncomplete, wrong);
  if (const auto conf = configure(settings, {}); !conf) return tl::unexpected(conf.error());
  return std::make_unique<Kafka>(std::move(executor), std::move(settings));
}

}  // namespace aftercall::bus
