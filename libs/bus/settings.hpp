#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/secret.hpp"

namespace aftercall::bus {

enum class Severity { Error, Warning, Info, Debug };

// What the client library has to say. Called on the thread that runs the executor given to open().
using Log = std::function<void(Severity, std::string_view)>;

// How a process reaches Kafka.
struct Settings {
  std::string bootstrap = "127.0.0.1:9092";  // host:port, comma-separated
  std::string client_id{};                   // distinct for each process: it names a member in Kafka's logs
  std::map<std::string, Secret> security{};  // librdkafka's own names, those of allowed_security()
  Log log{};
};

// The security properties that an operator may pass through. Left out on purpose: what runs a command or
// loads a library (sasl.kerberos.kinit.cmd, ssl.engine.location, ssl.providers) and what switches a check
// off.
const std::vector<std::string_view>& allowed_security();

// One sentence for each thing that is wrong; values are never repeated.
std::vector<std::string> check(const Settings& settings);

struct ProducerSettings {
  std::vector<std::string> topics{};  // ready() waits until these can be published to
  // From publish() to the ack; then the record has failed, though it may still arrive. ingest answers its
  // client and takes 5 s, a stage has nobody waiting and takes long.
  std::chrono::milliseconds delivery_timeout{120'000};
  // Unacked bytes held here before publish() waits: librdkafka's default of 1 GB is no bound for a stage.
  std::size_t queue_bytes = 64UL << 20U;
};

struct ConsumerSettings {
  std::string topic;
  std::string group;
  std::string instance{};  // group.instance.id, for restarts without a rebalance; empty = none
  // How long a dead process keeps its partitions. Kafka's 45 s would be the length of every outage.
  std::chrono::milliseconds session_timeout{10'000};
  // A process that polls no more for this long has lost its partitions; also the most that a member may take
  // to accept a revocation.
  std::chrono::milliseconds max_poll_interval{60'000};
  // Bytes fetched ahead for each partition. librdkafka 2.0.2 looks at a full queue only once a second: it
  // must hold more than a second's worth.
  std::size_t queue_bytes = 8UL << 20U;
};

}  // namespace aftercall::bus
