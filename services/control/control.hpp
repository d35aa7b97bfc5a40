#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bus/bus.hpp"
#include "control/config.hpp"
#include "control/configuration/connections_service.hpp"
#include "control/server.hpp"
#include "control/sign_in/credentials_service.hpp"
#include "control/sign_in/upkeep.hpp"
#include "process/tasks.hpp"

namespace aftercall::control {

// The control plane, put together: what main and the tests start.
class Control {
 public:
  struct Needs {
    asio::any_io_executor executor;
    stage::Clock& clock;
    bus::Bus& bus;
    http::Client& client;
    Config config;
    KeyRing ring;
    std::vector<KnownToken> tokens;
    std::function<const crm::Entry*(std::string_view crm)> find = crm::find;
  };
  explicit Control(Needs needs);

  // What further services of the API work with, until they are added.
  const Workshop& workshop() const { return shop_; }
  const Ownership& ownership() const { return ownership_; }
  void add(grpc::Service& service);  // before listen(); it outlives this
  // For which accounts something is blocked now: they are probed from time to time.
  void heed(std::function<std::set<Blocked>()> blocked) { upkeep_.heed(std::move(blocked)); }

  int listen();                 // answers the port; throws std::runtime_error when it cannot
  asio::awaitable<void> run();  // ends after stop(), or when Kafka is lost for good
  void stop();
  std::optional<std::string> why_not_ready() const;

 private:
  asio::awaitable<void> open_when_restored();
  asio::awaitable<void> keep_house();
  std::optional<std::string> fatal() const;  // why nothing can be stored or owned ever again
  bool restored() const { return config_.restored() && secrets_.restored(); }
  void watch_for_stale();

  Needs needs_;
  process::Tasks tasks_;
  asio::steady_timer alarm_;       // cancelled to stop
  asio::steady_timer house_time_;  // the same, for what is done from time to time
  bool stopping_ = false;

  std::unique_ptr<bus::Producer> producer_;
  std::unique_ptr<bus::Consumer> group_;
  std::unique_ptr<bus::Reader> config_reader_;
  std::unique_ptr<bus::Reader> secret_reader_;

  tenancy::Directory directory_;
  Vault vault_;
  tenancy::Following config_;
  tenancy::Following secrets_;
  Turns turns_;
  Ownership ownership_;
  Changes changes_;
  SignIns sign_ins_;
  http::Client looking_;
  Connecting connecting_;
  Upkeep upkeep_;
  Desk desk_;
  Workshop shop_;

  ConfigurationService configuration_service_;
  TenantsService tenants_service_;
  SourcesService sources_service_;
  ConnectionsService connections_service_;
  CredentialsService credentials_service_;
  std::vector<grpc::Service*> services_;
  std::optional<Server> server_;  // last: it ends before what its calls use
};

}  // namespace aftercall::control
