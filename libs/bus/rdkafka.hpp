#pragma once
#include <memory>
#include <string>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "domain/failure.hpp"
#include "domain/record.hpp"

// librdkafka's objects with owners. Only the bodies of this library include it. A leaked list, message or
// event makes rd_kafka_destroy() wait for ever (2.0.2): nothing of librdkafka is held without one of these.
namespace aftercall::bus::rd {

template <auto Destroy>
struct With {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

using Conf = std::unique_ptr<rd_kafka_conf_t, With<rd_kafka_conf_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, With<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, With<rd_kafka_event_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, With<rd_kafka_topic_destroy>>;
using Partitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, With<rd_kafka_topic_partition_list_destroy>>;
using HeaderList = std::unique_ptr<rd_kafka_headers_t, With<rd_kafka_headers_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, With<rd_kafka_error_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, With<rd_kafka_metadata_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, With<rd_kafka_AdminOptions_destroy>>;

// Destroying without closing: a member that wants to leave its group does so before.
inline void destroy(rd_kafka_t* handle) {
  rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
using Handle = std::unique_ptr<rd_kafka_t, With<destroy>>;

inline Event poll(const Queue& queue) { return Event(rd_kafka_queue_poll(queue.get(), 0)); }

// What went wrong, for the unit that met it; `doing` starts the sentence.
Failure failure_of(rd_kafka_resp_err_t error, const std::string& doing);

// Copies: a record owns its bytes.
Record record_of(const rd_kafka_message_t& message);

// Why the handle can never work again; empty when it can.
std::string fatal_error(rd_kafka_t* handle);

}  // namespace aftercall::bus::rd
