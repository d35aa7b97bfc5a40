#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/kafka.hpp"
#include "cli/commands.hpp"
#include "cli/topics_settings.hpp"
#include "wire/topic_table.hpp"

namespace aftercall::cli {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds within{30};

std::vector<bus::TopicSpec> specs_of(const wire::TopicNames& names, int replication) {
  std::vector<bus::TopicSpec> specs;
  for (auto& shape : wire::topic_table()) {
    bus::TopicSpec spec{names.of(shape.short_name), shape.partitions, replication, std::move(shape.config)};
    spec.config["min.insync.replicas"] = replication >= 3 ? "2" : "1";
    specs.push_back(std::move(spec));
  }
  return specs;
}

int tell(const bus::TopicsReport& report, std::size_t all) {
  for (const auto& topic : report.created) std::cout << "created " << topic << "\n";
  for (const auto& each : report.differences)
    std::cout << "differs " << each.topic << ": " << each.property << " is " << each.found << ", should be "
              << each.wanted << "\n";
  std::cout << report.created.size() << " of " << all << " topics created, " << report.differences.size()
            << " differences\n";
  if (report.differences.empty()) return done;
  std::cout << "nothing was altered: change these with Kafka's own tools, or raise the topics' version\n";
  return differs;
}

asio::awaitable<void> create(bus::Bus* kafka, std::vector<bus::TopicSpec> specs, int* exit_code) {
  const auto admin = kafka->admin();
  const auto deadline = std::chrono::steady_clock::now() + within;
  const auto report = co_await admin->create_or_compare(specs, deadline);
  if (!report) {
    std::cerr << "aftercall: " << report.error().detail << "\n";
    co_return;
  }
  *exit_code = tell(*report, specs.size());
  const auto retention = co_await admin->offsets_retention(deadline);
  if (retention && *retention < bus::least_offsets_retention) {
    const auto found = retention->count();
    std::cout << "note: the broker's offsets.retention.minutes is " << found
              << "; set it to 43200 or more, or a stage that stands still longer loses its place\n";
  }
}

}  // namespace

int create_topics(const TopicsOptions& options) {
  const auto settings = kafka_of(options);
  if (!settings) {
    std::cerr << "aftercall: " << settings.error().detail << "\n";
    return wrong_usage;
  }
  asio::io_context context;
  auto kafka = bus::open(context.get_executor(), settings->bus);
  if (!kafka) {
    std::cerr << "aftercall: " << kafka.error().detail << "\n";
    return wrong_usage;
  }
  int exit_code = failed;
  auto specs = specs_of(settings->topics, options.replication);
  asio::co_spawn(context, create(kafka->get(), std::move(specs), &exit_code),
                 [&context](std::exception_ptr thrown) {
                   context.stop();
                   if (thrown) std::rethrow_exception(thrown);
                 });
  context.run();
  return exit_code;
}

}  // namespace aftercall::cli
