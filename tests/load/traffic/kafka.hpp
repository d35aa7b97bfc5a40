#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace load {

namespace asio = boost::asio;

struct Stored {  // a record as a topic held it
  std::string topic, key, value;
  std::vector<std::pair<std::string, std::string>> headers;
};
// The records of several sessions, in the order of the sessions.
using Sets = std::vector<std::vector<Stored>>;
void save(const std::string& path, const Sets& sets);
Sets load_sets(const std::string& path);

using Properties = std::vector<std::pair<std::string, std::string>>;

// A librdkafka handle whose events arrive on the io_context: nothing polls for nothing.
class Client {
 public:
  Client(asio::io_context& context, rd_kafka_type_t type, const Properties& properties);
  rd_kafka_t* get() const { return handle_; }

 protected:
  ~Client();
  void watch(rd_kafka_queue_t* queue);
  virtual void woken() = 0;
  rd_kafka_t* handle_ = nullptr;

 private:
  void listen();
  asio::posix::stream_descriptor descriptor_;
};

class Producer final : public Client {
 public:
  Producer(asio::io_context& context, const std::string& brokers);
  // `acked` lives until it was called: once, with the partition.
  void produce(const Stored& record, const std::string& key, int partition, std::function<void(int)>* acked);

 private:
  void woken() override;
  rd_kafka_queue_t* events_;
  std::map<std::string, rd_kafka_topic_t*> topics_;
};

class Consumer final : public Client {
 public:
  using Room = std::function<std::size_t()>;
  using Take = std::function<void(const rd_kafka_message_t&)>;
  Consumer(asio::io_context& context, const std::string& brokers, const std::string& group,
           const std::vector<std::string>& topics, Room room, Take take);
  void pump();  // while there is room
  void done(const rd_kafka_message_t& message) { done(message.rkt, message.partition, message.offset); }
  void done(rd_kafka_topic_t* topic, int partition, std::int64_t offset);

 private:
  void woken() override { pump(); }
  rd_kafka_queue_t* records_;
  Room room_;
  Take take_;
};

}  // namespace load
