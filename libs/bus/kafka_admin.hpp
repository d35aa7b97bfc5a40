#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bus/admin.hpp"
#include "bus/client.hpp"
#include "bus/offload.hpp"

namespace aftercall::bus {

class KafkaAdmin final : public Admin {
 public:
  KafkaAdmin(const asio::any_io_executor& executor, const Settings& settings);

  asio::awaitable<Result<TopicsReport>> create_or_compare(std::vector<TopicSpec> topics,
                                                          Deadline deadline) override;
  asio::awaitable<Result<std::vector<Difference>>> compare(std::vector<TopicSpec> topics,
                                                           Deadline deadline) override;
  asio::awaitable<Result<std::chrono::minutes>> offsets_retention(Deadline deadline) override;
  asio::awaitable<Result<GroupState>> group(std::string group, std::string topic, Deadline deadline) override;
  asio::awaitable<Result<Offsets>> offsets_at(std::string topic, std::chrono::system_clock::time_point time,
                                              Deadline deadline) override;

 private:
  Result<GroupState> state_of(const std::string& group, const std::string& topic, Deadline deadline);
  rd_kafka_t* asking_for(const std::string& group);

  Settings settings_;
  rd::Handle handle_;
  // Where a group stands is told to a handle of that group, which never joins it. Made on the offload's
  // thread.
  std::map<std::string, rd::Handle> of_groups_;
  Offload offload_;
};

}  // namespace aftercall::bus
