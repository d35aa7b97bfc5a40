#include "bus/rdkafka.hpp"

#include <array>
#include <chrono>

namespace aftercall::bus::rd {
namespace {

Cause cause_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Cause::Timeout;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return Cause::TooLong;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return Cause::SetupIncomplete;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Cause::NotPermitted;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return Cause::NotAuthorized;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return Cause::Rejected;
    default:  // librdkafka's list is open; what it retries no longer may pass by itself all the same
      return Cause::Unreachable;
  }
}

std::string bytes(const void* data, std::size_t size) {
  return data != nullptr ? std::string(static_cast<const char*>(data), size) : std::string();
}

}  // namespace

Failure failure_of(rd_kafka_resp_err_t error, const std::string& doing) {
  return {cause_of(error), doing + ": " + rd_kafka_err2str(error) + " (" + rd_kafka_err2name(error) + ")"};
}

Record record_of(const rd_kafka_message_t& message) {
  Record record;
  record.at = {rd_kafka_topic_name(message.rkt), message.partition, message.offset};
  rd_kafka_timestamp_type_t type{};
  record.time = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(rd_kafka_message_timestamp(&message, &type)));
  record.key = bytes(message.key, message.key_len);
  if (message.payload != nullptr) record.value = bytes(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    record.headers.reserve(rd_kafka_header_cnt(headers));
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
      record.headers.emplace_back(name, bytes(value, size));
  }
  return record;
}

std::string fatal_error(rd_kafka_t* handle) {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle, text.data(), text.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return std::string(rd_kafka_err2name(error)) + ": " + text.data();
}

}  // namespace aftercall::bus::rd
