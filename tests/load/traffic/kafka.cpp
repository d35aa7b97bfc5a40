#include "kafka.hpp"

#include <sys/eventfd.h>

#include <unistd.h>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace load {
namespace {

constexpr std::uint64_t one = 1;

rd_kafka_t* make(rd_kafka_type_t type, const Properties& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> why{};
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
      throw std::invalid_argument(why.data());
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  rd_kafka_t* handle = rd_kafka_new(type, conf, why.data(), why.size());
  if (handle == nullptr) throw std::invalid_argument(why.data());
  return handle;
}

void put(std::ostream& file, const std::string& text) { file << text.size() << ' ' << text; }

std::string take(std::istream& file) {
  std::size_t size = 0;
  file >> size;
  file.get();
  std::string text(size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  return text;
}

}  // namespace

void save(const std::string& path, const Sets& sets) {
  std::ofstream file(path, std::ios::binary);
  file << sets.size() << '\n';
  for (const auto& set : sets) {
    file << set.size() << '\n';
    for (const auto& record : set) {
      for (const auto* text : {&record.topic, &record.key, &record.value}) put(file, *text);
      file << record.headers.size() << ' ';
      for (const auto& [name, value] : record.headers) {
        put(file, name);
        put(file, value);
      }
    }
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

Sets load_sets(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::size_t count = 0;
  file >> count;
  Sets sets(count);
  for (auto& set : sets) {
    file >> count;
    set.resize(count);
    for (auto& record : set) {
      for (auto* text : {&record.topic, &record.key, &record.value}) *text = take(file);
      file >> count;
      record.headers.resize(count);
      for (auto& [name, value] : record.headers) {
        name = take(file);
        value = take(file);
      }
    }
  }
  if (!file || sets.empty()) throw std::runtime_error("no records in " + path);
  return sets;
}

Client::Client(asio::io_context& context, rd_kafka_type_t type, const Properties& properties)
    : handle_(make(type, properties)), descriptor_(context, ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  listen();
}

Client::~Client() = default;  // the process ends with it

void Client::watch(rd_kafka_queue_t* queue) {
  rd_kafka_queue_io_event_enable(queue, descriptor_.native_handle(), &one, sizeof one);
}

void Client::listen() {
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(descriptor_.native_handle(), &count, sizeof count);
    woken();
    listen();
  });
}

// As ours: the same acks, linger and compression.
Producer::Producer(asio::io_context& context, const std::string& brokers)
    : Client(context, RD_KAFKA_PRODUCER,
             {{"bootstrap.servers", brokers},
              {"socket.nagle.disable", "true"},
              {"acks", "all"},
              {"enable.idempotence", "true"},
              {"compression.codec", "lz4"},
              {"linger.ms", "5"},
              {"partitioner", "murmur2_random"},
              {"message.max.bytes", "3145728"}}),
      events_(rd_kafka_queue_get_main(handle_)) {
  watch(events_);
}

void Producer::produce(const Stored& record, const std::string& key, int partition,
                       std::function<void(int)>* acked) {
  auto& topic = topics_[record.topic];
  if (topic == nullptr) topic = rd_kafka_topic_new(handle_, record.topic.c_str(), nullptr);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers)
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  std::array<rd_kafka_vu_t, 6> how{};
  how[0].vtype = RD_KAFKA_VTYPE_RKT;
  how[0].u.rkt = topic;
  how[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  how[1].u.i32 = partition;
  how[2].vtype = RD_KAFKA_VTYPE_KEY;
  how[2].u.mem = {const_cast<char*>(key.data()), key.size()};
  how[3].vtype = RD_KAFKA_VTYPE_VALUE;
  how[3].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
  how[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  how[4].u.headers = headers;
  how[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  how[5].u.ptr = acked;
  if (rd_kafka_error_t* error = rd_kafka_produceva(handle_, how.data(), how.size())) {
    std::cerr << "produce: " << rd_kafka_error_string(error) << '\n';
    std::quick_exit(1);
  }
}

void Producer::woken() {
  while (rd_kafka_event_t* event = rd_kafka_queue_poll(events_, 0)) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
          std::cerr << "not acknowledged: " << rd_kafka_err2str(message->err) << '\n';
          std::quick_exit(1);
        }
        (*static_cast<std::function<void(int)>*>(message->_private))(message->partition);
      }
    rd_kafka_event_destroy(event);
  }
}

Consumer::Consumer(asio::io_context& context, const std::string& brokers, const std::string& group,
                   const std::vector<std::string>& topics, Room room, Take take)
    : Client(context, RD_KAFKA_CONSUMER,
             {{"bootstrap.servers", brokers},
              {"socket.nagle.disable", "true"},
              {"group.id", group},
              {"auto.offset.reset", "earliest"},
              {"enable.auto.offset.store", "false"},
              {"auto.commit.interval.ms", "100"},
              {"partition.assignment.strategy", "roundrobin"},
              {"fetch.wait.max.ms", "50"}}),
      records_(nullptr),
      room_(std::move(room)),
      take_(std::move(take)) {
  rd_kafka_poll_set_consumer(handle_);
  records_ = rd_kafka_queue_get_consumer(handle_);
  watch(records_);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()));
  for (const auto& topic : topics)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(handle_, list);
  rd_kafka_topic_partition_list_destroy(list);
}

void Consumer::pump() {
  constexpr std::size_t most = 256;
  std::array<rd_kafka_message_t*, most> messages{};
  for (auto room = std::min(most, room_()); room > 0; room = std::min(most, room_())) {
    const auto got = rd_kafka_consume_batch_queue(records_, 0, messages.data(), room);
    if (got <= 0) return;
    for (ssize_t i = 0; i < got; ++i) {
      auto* const message = messages[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) take_(*message);
      rd_kafka_message_destroy(message);
    }
  }
}

void Consumer::done(rd_kafka_topic_t* topic, int partition, std::int64_t offset) {
  rd_kafka_offset_store(topic, partition, offset);
}

}  // namespace load
