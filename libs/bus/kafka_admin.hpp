#pragma once
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
  rd::Handle handle_;
  Offload offload_;
};

}  // namespace aftercall::bus
