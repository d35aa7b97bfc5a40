#include "wire/event_deferred.hpp"

#include "wire/time.hpp"

namespace aftercall::wire {

v1::KafkaRecord to_wire(const Record& record) {
  v1::KafkaRecord message;
  message.set_topic(record.at.topic);
  message.set_partition(record.at.partition);
  message.set_offset(record.at.offset);
  write_time(*message.mutable_time(), truncate(record.time));
  message.set_key(record.key);
  if (record.value) message.set_value(*record.value);
  for (const auto& [name, value] : record.headers) {
    auto& header = *message.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  return message;
}

Record from_wire(const v1::KafkaRecord& message) {
  Record record;
  record.at = {message.topic(), message.partition(), message.offset()};
  record.time = read_time(message.time()).value_or(Instant{});
  record.key = message.key();
  if (message.has_value()) record.value = message.value();
  for (const auto& header : message.headers()) record.headers.emplace_back(header.name(), header.value());
  return record;
}

}  // namespace aftercall::wire
