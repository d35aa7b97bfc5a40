#include "control/control.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/configuration/records.hpp"
#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds tick{1'000};
constexpr std::chrono::milliseconds look{10};
constexpr std::chrono::hours between_heartbeats{1};
constexpr std::chrono::milliseconds for_a_heartbeat{30'000};

bus::ProducerSettings producer_settings(const wire::TopicNames& topics) {
  bus::ProducerSettings settings;
  settings.topics = {topics.of(wire::topic::tenant_config), topics.of(wire::topic::tenant_secret),
                     topics.of(wire::topic::audit)};
  settings.delivery_timeout = std::chrono::milliseconds(10'000);  // somebody waits for the answer
  return settings;
}

bus::ConsumerSettings group_settings(const Config& config) {
  bus::ConsumerSettings settings;
  settings.topic = config.kafka.topics.of(wire::topic::tenant_config);
  settings.group = config.group();
  return settings;
}

std::string address_of(const Listening& listen, int port) {
  return listen.advertise.empty() ? listen.address + ":" + std::to_string(port) : listen.advertise;
}

}  // namespace

Control::Control(Needs needs)
    : needs_(std::move(needs)),
      tasks_(needs_.executor),
      alarm_(needs_.executor),
      house_time_(needs_.executor),
      producer_(needs_.bus.producer(producer_settings(needs_.config.kafka.topics))),
      group_(needs_.bus.consumer(group_settings(needs_.config))),
      config_reader_(needs_.bus.reader({{needs_.config.kafka.topics.of(wire::topic::tenant_config)}})),
      secret_reader_(needs_.bus.reader({{needs_.config.kafka.topics.of(wire::topic::tenant_secret)}})),
      vault_(needs_.ring),
      config_(directory_, *config_reader_),
      secrets_(
          "tenant.secret", [this](const Record& record) { return vault_.apply(record); }, *secret_reader_),
      turns_(needs_.executor),
      ownership_({needs_.executor, *group_, *producer_, needs_.config.kafka.topics, directory_, config_,
                  secrets_, turns_}),
      changes_({*producer_, needs_.config.kafka.topics, ownership_, directory_, vault_, config_, secrets_,
                turns_}),
      sign_ins_({needs_.executor, needs_.clock, needs_.client, vault_, needs_.find,
                 [this](bus::Deadline deadline) { return ownership_.confirm(deadline); },
                 [this](tenancy::ConnectionPtr connection, crm::Credentials used, crm::Credentials fresh) {
                   return connecting_.store(std::move(connection), std::move(used), std::move(fresh));
                 },
                 [this](tenancy::ConnectionPtr connection, Failure why) {
                   return connecting_.note_refusal(std::move(connection), std::move(why));
                 }}),
      looking_(needs_.executor, needs_.config.http),
      connecting_({looking_, directory_, vault_, changes_, sign_ins_, needs_.find}),
      upkeep_({needs_.executor, tasks_, needs_.clock, directory_, vault_, ownership_, sign_ins_, connecting_,
               needs_.config.probe_every}),
      desk_({needs_.executor, tasks_, needs_.tokens, [this] { return ownership_.owner_elsewhere(); },
             needs_.config.listen.ca_file}),
      shop_{desk_, directory_, vault_, changes_, sign_ins_, connecting_, needs_.config.rules, needs_.find},
      configuration_service_(shop_),
      tenants_service_(shop_),
      sources_service_(shop_),
      connections_service_(shop_),
      credentials_service_(shop_, ownership_),
      services_{&configuration_service_, &tenants_service_, &sources_service_, &connections_service_,
                &credentials_service_} {
  watch_for_stale();
  tasks_.on_end([this](const std::string& task, const std::exception_ptr& thrown) {
    if (!thrown) return;
    log::error("task.threw", {{"task", task}});
    stop();
  });
}

void Control::add(grpc::Service& service) { services_.push_back(&service); }

int Control::listen() {
  server_.emplace(needs_.config.listen, services_);
  ownership_.advertise(address_of(needs_.config.listen, server_->port()));
  return server_->port();
}

void Control::watch_for_stale() {
  config_.watch([this](const Record& record, tenancy::Applied applied) {
    changes_.heard(record, applied);
    const bool ours = applied == tenancy::Applied::Stale && record.key != tenancy::config_record::owner_key;
    if (ours && ownership_.owns()) tasks_.spawn("repair", changes_.repair(record.key));
  });
  secrets_.watch([this](const Record& record, tenancy::Applied applied) {
    const bool ours = applied == tenancy::Applied::Stale && record.key != heartbeat_key;
    if (ours && ownership_.owns()) tasks_.spawn("repair", changes_.repair_secret(record.key));
  });
}

std::optional<std::string> Control::fatal() const {
  const auto why = producer_->fatal();
  return why ? why : group_->fatal();
}

std::optional<std::string> Control::why_not_ready() const {
  if (const auto why = fatal()) return "Kafka: " + *why;
  if (!desk_.is_open()) return "tenant.config and tenant.secret are still being read";
  return std::nullopt;
}

asio::awaitable<void> Control::open_when_restored() {
  while (!stopping_ && !restored()) {
    asio::steady_timer timer(needs_.executor, look);
    co_await timer.async_wait(asio::use_awaitable);
  }
  desk_.open();
}

// What is to be done from time to time, by the owner. Who can reach Kafka no more ends: another process can.
asio::awaitable<void> Control::keep_house() {
  auto next_heartbeat = std::chrono::steady_clock::now();
  while (!stopping_) {
    if (const auto why = fatal()) {
      log::error("control.kafka_lost", {{"why", *why}});
      stop();
      break;
    }
    const auto now = std::chrono::steady_clock::now();
    if (ownership_.owns() && now >= next_heartbeat) {
      const Result<void> beaten = co_await changes_.heartbeat(now + for_a_heartbeat);
      if (beaten) next_heartbeat = now + between_heartbeats;
    }
    boost::system::error_code woken;
    house_time_.expires_after(tick);
    co_await house_time_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

asio::awaitable<void> Control::run() {
  tasks_.spawn("tenant.config", config_.run());
  tasks_.spawn("tenant.secret", secrets_.run());
  tasks_.spawn("ownership", ownership_.run());
  tasks_.spawn("opening", open_when_restored());
  tasks_.spawn("house", keep_house());
  tasks_.spawn("upkeep", upkeep_.run());
  while (!stopping_) {
    boost::system::error_code woken;
    alarm_.expires_at(asio::steady_timer::time_point::max());
    co_await alarm_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  desk_.close();
  if (server_) co_await server_->shut_down();
  ownership_.stop();
  config_.stop();
  secrets_.stop();
  co_await tasks_.all();
}

void Control::stop() {
  stopping_ = true;
  alarm_.cancel();
  house_time_.cancel();
  upkeep_.stop();
  connecting_.stop();
}

}  // namespace aftercall::control
