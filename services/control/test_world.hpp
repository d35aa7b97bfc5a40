#pragma once
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "bus/memory.hpp"
#include "control/control.hpp"
#include "control/deferred/deferring.hpp"
#include "control/fake_crm.hpp"
#include "control/later_clock.hpp"
#include "http/server.hpp"
#include "policy/digest.hpp"

// Control over a real gRPC channel, on a bus in memory, with a CRM and its sign-in that are a few lines of
// HTTP.
namespace aftercall::control {

using namespace std::chrono_literals;

inline bool eventually(const std::function<bool()>& condition, std::chrono::seconds within = 20s) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

inline const std::vector<std::pair<std::string, Role>> test_tokens{{"token-of-the-admin-000", Role::Admin},
                                                                   {"token-of-an-operator-0", Role::Operator},
                                                                   {"token-of-a-viewer-0000", Role::Viewer},
                                                                   {"token-of-a-stage-00000", Role::Stage}};
inline const std::string& token_of(Role role) { return test_tokens.at(static_cast<std::size_t>(role)).first; }

// One instance of control. Several may share a bus.
class Instance {
 public:
  enum class Deferrals { Left, Released };
  Instance(asio::io_context& io, bus::Bus& bus, http::Client& client, std::string advertise = "",
           Deferrals deferrals = Deferrals::Left)
      : io_(io), clock_(io.get_executor()), control_(make(bus, client, std::move(advertise))) {
    if (deferrals == Deferrals::Released) on_its_thread([&] { add_deferring(bus); });
    port_ = control_->listen();
    on_its_thread([&] {
      asio::co_spawn(io_, control_->run(), [this](const std::exception_ptr&) { ended_.set_value(); });
    });
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials());
  }
  ~Instance() {
    asio::post(io_, [this] {
      if (deferring_) deferring_->stop();
      control_->stop();
    });
    EXPECT_EQ(ended_future_.wait_for(20s), std::future_status::ready);
    if (deferring_) {
      EXPECT_EQ(deferring_ended_future_.wait_for(20s), std::future_status::ready);
    }
    on_its_thread([&] {
      deferring_.reset();
      control_.reset();
    });
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  bool ready() {
    std::promise<bool> ready;
    asio::post(io_, [&] {
      ready.set_value(!control_->why_not_ready() && (!deferring_ || !deferring_->why_not_ready()));
    });
    return ready.get_future().get();
  }
  // Without having been stopped.
  bool ends() {
    return ended_future_.wait_for(20s) == std::future_status::ready &&
           (!deferring_ || deferring_ended_future_.wait_for(20s) == std::future_status::ready);
  }
  // For this instance it is so much later from now on.
  void pass(std::chrono::hours time) { clock_.pass(time); }
  int calls() const { return control_->workshop().desk.calls(); }
  bool owns() {
    std::promise<bool> owns;
    asio::post(io_, [&] { owns.set_value(control_->ownership().owns()); });
    return owns.get_future().get();
  }

 private:
  std::unique_ptr<Control> make(bus::Bus& bus, http::Client& client, std::string advertise) {
    Config config;
    config.listen.port = 0;
    config.listen.advertise = std::move(advertise);
    config.probe_every = 100ms;
    std::vector<KnownToken> tokens;
    for (const auto& [token, role] : test_tokens)
      tokens.push_back({{std::string(name_of(role)) + " of the test", role}, sha256_hex(token)});
    const auto find = [](std::string_view crm) { return crm == "fake" ? &fake_entry : nullptr; };
    auto ring = KeyRing::of({{"test", Secret(std::string(32, 'k'))}});
    std::promise<std::unique_ptr<Control>> made;
    asio::post(io_, [&] {
      made.set_value(std::make_unique<Control>(
          Control::Needs{io_.get_executor(), clock_, bus, client, config, *ring, tokens, find}));
    });
    return made.get_future().get();
  }

  void on_its_thread(const std::function<void()>& what) {
    std::promise<void> done;
    asio::post(io_, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void add_deferring(bus::Bus& bus) {
    deferring_ = std::make_unique<Deferring>(io_.get_executor(), bus, *control_, Config());
    asio::co_spawn(io_, deferring_->run(),
                   [this](const std::exception_ptr&) { deferring_ended_.set_value(); });
  }

  asio::io_context& io_;
  LaterClock clock_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Deferring> deferring_;
  std::promise<void> ended_;
  std::promise<void> deferring_ended_;
  std::future<void> ended_future_ = ended_.get_future();
  std::future<void> deferring_ended_future_ = deferring_ended_.get_future();
  int port_ = 0;
  std::shared_ptr<grpc::Channel> channel_;
};

class World : public testing::Test {
 protected:
  World() {
    const wire::TopicNames topics;
    for (const auto name : {wire::topic::tenant_config, wire::topic::tenant_secret, wire::topic::audit})
      bus_.create(topics.of(name), 1);
    asio::co_spawn(io_, crm_.run(), [](const std::exception_ptr&) {});
    runner_ = std::thread([this] { io_.run(); });
  }
  ~World() override {
    outside_.hang_below("");
    first_.reset();
    asio::post(io_, [this] {
      crm_.stop();
      client_.close();
    });
    guard_.reset();
    runner_.join();
  }

  Instance& start() {
    first_ = std::make_unique<Instance>(io_, bus_, client_);
    EXPECT_TRUE(eventually([this] { return first_->ready(); }));  // its calls wait until it owns
    return *first_;
  }

  static std::unique_ptr<grpc::ClientContext> as(Role role) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("authorization", "Bearer " + token_of(role));
    context->set_deadline(std::chrono::system_clock::now() + 20s);
    return context;
  }

  std::string crm_url() const { return "http://127.0.0.1:" + std::to_string(crm_.port()); }

  api::ApplyRequest acme() const {
    api::ApplyRequest request;
    request.add_tenants()->mutable_tenant()->set_id("acme");
    auto& source = *request.add_sources();
    source.set_tenant("acme");
    source.set_id("zoom");
    source.add_keys("an-api-key-that-is-secret");
    *request.add_connections() = connection("acme");
    return request;
  }
  api::WantedConnection connection(const std::string& tenant) const {
    api::WantedConnection wanted;
    wanted.set_tenant(tenant);
    wanted.set_id("crm");
    wanted.set_crm("fake");
    wanted.set_url(crm_url());
    wanted.set_client_id("app");
    wanted.set_client_secret("the-client-secret");
    return wanted;
  }

  static grpc::Status apply(Instance& at, const api::ApplyRequest& request, api::ApplyResponse& response) {
    return api::Configuration::NewStub(at.channel())->Apply(as(Role::Admin).get(), request, &response);
  }
  static grpc::Status connect(Instance& at, const std::string& tenant, api::ConnectResponse& response) {
    api::ConnectRequest request;
    request.set_tenant(tenant);
    request.set_id("crm");
    return api::Connections::NewStub(at.channel())->Connect(as(Role::Admin).get(), request, &response);
  }
  static grpc::Status probe(Instance& at, Role role, api::ConnectResponse& response) {
    api::ProbeRequest request;
    request.set_tenant("acme");
    request.set_id("crm");
    return api::Connections::NewStub(at.channel())->Probe(as(role).get(), request, &response);
  }
  static grpc::Status disconnect(Instance& at, api::ConnectionRecord& record) {
    api::DisconnectRequest request;
    request.set_tenant("acme");
    request.set_id("crm");
    return api::Connections::NewStub(at.channel())->Disconnect(as(Role::Admin).get(), request, &record);
  }
  static grpc::Status lease(Instance& at, api::LeaseResponse& response, const std::string& refused = "") {
    api::LeaseRequest request;
    request.set_tenant("acme");
    request.set_connection("crm");
    request.set_refused_lease(refused);
    return api::Credentials::NewStub(at.channel())->Lease(as(Role::Stage).get(), request, &response);
  }
  void set_up(Instance& at) {
    api::ApplyResponse applied;
    api::ConnectResponse connected;
    const auto status = apply(at, acme(), applied);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(applied.problems_size(), 0) << applied.DebugString();
    const auto joined = connect(at, "acme", connected);
    ASSERT_TRUE(joined.ok()) << joined.error_message();
    ASSERT_EQ(connected.connection().connection().status(),
              aftercall::events::v1::Connection::Status::connected);
  }

  // Everything that lies on control's topics, as one string of bytes.
  std::string all_bytes() {
    std::promise<std::string> all;
    asio::post(io_, [&] {
      std::string bytes;
      const wire::TopicNames topics;
      for (const auto name : {wire::topic::tenant_config, wire::topic::tenant_secret, wire::topic::audit})
        for (const auto& record : bus_.records(topics.of(name), 0))
          bytes += record.key + record.value.value_or("") + "\n";
      all.set_value(std::move(bytes));
    });
    return all.get_future().get();
  }

  // As somebody else, who writes past control.
  void publish(Draft draft) {
    std::promise<void> published;
    std::unique_ptr<bus::Producer> producer;
    asio::post(io_, [&] {
      producer = bus_.producer({});
      asio::co_spawn(io_, producer->publish(std::move(draft)),
                     [&](const std::exception_ptr&, const Result<Position>&) { published.set_value(); });
    });
    published.get_future().wait();
  }
  std::string last_value(const std::string& key, std::string_view topic = wire::topic::tenant_config) {
    std::promise<std::string> value;
    asio::post(io_, [&] {
      std::string last;
      for (const auto& record : bus_.records(wire::TopicNames().of(topic), 0))
        if (record.key == key) last = record.value.value_or("");
      value.set_value(std::move(last));
    });
    return value.get_future().get();
  }
  void compact(std::string_view topic = wire::topic::tenant_config) {
    std::promise<void> done;
    asio::post(io_, [&] {
      bus_.compact(wire::TopicNames().of(topic));
      done.set_value();
    });
    done.get_future().wait();
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  bus::MemoryBus bus_{io_.get_executor()};
  http::Client client_{io_.get_executor(), {}};
  Outside outside_;
  http::Server crm_{
      io_.get_executor(), {}, [this](http::Request request) { return outside_.answer(std::move(request)); }};
  std::unique_ptr<Instance> first_;
  std::thread runner_;
};

}  // namespace aftercall::control
