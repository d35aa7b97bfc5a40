#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bus/producer.hpp"
#include "http/message.hpp"
#include "http/server.hpp"
#include "ingest/receive.hpp"
#include "ingest/waiting.hpp"
#include "process/tasks.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::ingest {

namespace asio = boost::asio;

// 2 MiB: a session of 512 KiB whose letters are all escaped, as Python's json does it, is three times as
// long.
inline constexpr std::size_t body_limit = 2UL * 1024 * 1024;

struct DoorSettings {
  std::string topic;                         // session.finished, by its name on the broker
  std::chrono::milliseconds deadline{5000};  // from a request's last byte to the ack
  Waiting::Bounds waiting{};
  std::function<bool()> open;  // whether the configuration has been read
  std::function<Instant()> now = [] { return truncate(std::chrono::system_clock::now()); };
};

// Answers requests: 202 only after all in-sync replicas hold the sessions. Directory and producer outlive it.
class Door {
 public:
  Door(asio::any_io_executor executor, const tenancy::Directory& directory, bus::Producer& producer,
       DoorSettings settings);

  // What a request's head decides: whose it is, or why nobody needs its body.
  http::Admission admit(const http::Request& head) const;
  // Of what was admitted; by the deadline, whatever Kafka does.
  asio::awaitable<http::Response> answer(http::Request request);
  asio::awaitable<void> settled();  // Kafka has decided on all that was handed to it
  std::size_t waiting() const { return waiting_.requests(); }

 private:
  struct Storing;  // what one request waits for
  struct Taken {
    tenancy::SourcePtr source;
    std::string traceparent;
    std::vector<Accepted> accepted;
  };
  using Clock = std::chrono::steady_clock;

  asio::awaitable<http::Response> sessions(http::Request request, Clock::time_point began);
  tl::expected<tenancy::SourcePtr, Problem> source_of(const http::Request& head) const;
  http::Admission admit_session(const http::Request& head) const;
  tl::expected<Taken, Problem> take(const http::Request& request, tenancy::SourcePtr source) const;
  tl::expected<std::shared_ptr<Storing>, Problem> store(const Taken& taken);  // goes on by itself
  asio::awaitable<void> publish(std::shared_ptr<Storing> storing, Draft draft);

  asio::any_io_executor executor_;
  const tenancy::Directory& directory_;
  bus::Producer& producer_;
  DoorSettings settings_;
  Waiting waiting_;
  std::string document_;
  process::Tasks tasks_;
};

// The server that stands before the door: it asks the door about a head before it reads a body, what it
// refuses by itself is told as a problem, too, and a bug is logged. The door outlives it.
http::ServerSettings before(const Door& door, http::ServerSettings settings);

// Until the server was stopped, has given its last answer, and nothing is on its way to Kafka any more.
asio::awaitable<void> serve(http::Server& server, Door& door);

}  // namespace aftercall::ingest
