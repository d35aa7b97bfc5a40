#include "control/control.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>

#include "aftercall/events/v1/audit.pb.h"
#include "control/losing_bus.hpp"
#include "control/test_world.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Status = aftercall::events::v1::Connection::Status;

class ControlTest : public World {
 protected:
  static Status::Value status_now(Instance& at) {
    api::ListConnectionsResponse listed;
    api::Connections::NewStub(at.channel())->List(as(Role::Viewer).get(), {}, &listed);
    return listed.connections(0).connection().status();
  }
  // Calls a method by its name, with an empty request.
  static grpc::Status call(Instance& at, const std::string& method, const std::string& token) {
    grpc::GenericStub stub(at.channel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 20s);
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::CompletionQueue queue;
    const grpc::Slice empty;
    const auto reader = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&empty, 1), &queue);
    grpc::ByteBuffer response;
    grpc::Status status;
    reader->StartCall();
    reader->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
};

TEST_F(ControlTest, MakesWhatAFileWantsAndTellsIt) {
  Instance& control = start();
  set_up(control);
  api::ListConnectionsResponse listed;
  const auto stub = api::Connections::NewStub(control.channel());
  ASSERT_TRUE(stub->List(as(Role::Viewer).get(), api::ListConnectionsRequest(), &listed).ok());
  ASSERT_EQ(listed.connections_size(), 1);
  EXPECT_EQ(listed.connections(0).connection().crm_account(), "fake:org");
  EXPECT_EQ(listed.connections(0).version(), 2);
  api::ListTenantsResponse tenants;
  ASSERT_TRUE(api::Tenants::NewStub(control.channel())->List(as(Role::Viewer).get(), {}, &tenants).ok());
  EXPECT_TRUE(tenants.tenants(0).tenant().pseudonym_key().empty());
}

TEST_F(ControlTest, ChangesNothingInADryRun) {
  Instance& control = start();
  api::ApplyRequest request = acme();
  request.set_dry_run(true);
  api::ApplyResponse response;
  const auto status = apply(control, request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.changes_size(), 3);
  api::TenantRecord tenant;
  api::GetTenantRequest get;
  get.set_tenant("acme");
  EXPECT_EQ(api::Tenants::NewStub(control.channel())->Get(as(Role::Viewer).get(), get, &tenant).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ControlTest, RefusesAStaleUpdateAsAWhole) {
  Instance& control = start();
  set_up(control);
  api::ApplyRequest request = acme();
  request.mutable_tenants(0)->mutable_tenant()->set_name("Acme AB");
  request.mutable_tenants(0)->set_expected_version(7);
  request.mutable_sources(0)->set_name("Zoom");
  api::ApplyResponse response;
  ASSERT_TRUE(apply(control, request, response).ok());
  ASSERT_EQ(response.problems_size(), 1);
  EXPECT_TRUE(response.problems(0).stale());
  EXPECT_EQ(response.changes_size(), 0);
  EXPECT_THAT(all_bytes(), Not(HasSubstr("Acme AB")));
}

TEST_F(ControlTest, LetsEachRoleDoWhatIsItsOwn) {
  Instance& control = start();
  int refused = 0;
  const auto* file = api::Lease::descriptor()->file();
  for (int i = 0; i < file->service_count(); ++i)
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const std::string method =
          "/" + file->service(i)->full_name() + "/" + file->service(i)->method(j)->name();
      if (call(control, method, "").error_code() == grpc::StatusCode::UNIMPLEMENTED)
        continue;  // comes with the session view
      EXPECT_EQ(call(control, method, "").error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
      EXPECT_EQ(call(control, method, "a-token-nobody-knows-00").error_code(),
                grpc::StatusCode::UNAUTHENTICATED)
          << method;
      for (const auto& [token, role] : test_tokens) {
        const bool denied = call(control, method, token).error_code() == grpc::StatusCode::PERMISSION_DENIED;
        EXPECT_EQ(denied, !may(role, method)) << method << " as " << name_of(role);
        refused += denied ? 1 : 0;
      }
    }
  EXPECT_GT(refused, 20);
}

TEST_F(ControlTest, FiftyLeasesOfAnExpiredTokenMakeOneTokenRequest) {
  Instance& control = start();
  outside_.answer_tokens(200, "access-# 1");
  set_up(control);
  const auto expired = std::chrono::steady_clock::now() + 1s;
  std::this_thread::sleep_until(expired);  // the token's own life
  outside_.answer_tokens(200, "access-# 3600");
  const auto before = outside_.token_requests().size();
  outside_.hold(true);
  std::vector<std::future<std::string>> leases;
  for (int i = 0; i < 50; ++i)
    leases.push_back(std::async(std::launch::async, [&] {
      api::LeaseResponse response;
      const auto status = lease(control, response);
      return status.ok() ? response.lease().access_token() : status.error_message();
    }));
  EXPECT_TRUE(eventually([&] { return control.calls() == 50; }));
  EXPECT_TRUE(eventually([&] { return outside_.token_requests().size() > before; }));
  outside_.hold(false);
  for (auto& each : leases) EXPECT_EQ(each.get(), "access-2");
  EXPECT_EQ(outside_.token_requests().size(), before + 1);
}

TEST_F(ControlTest, LeasesAnotherTokenForOneThatWasRefused) {
  Instance& control = start();
  set_up(control);
  api::LeaseResponse first;
  api::LeaseResponse again;
  api::LeaseResponse second;
  ASSERT_TRUE(lease(control, first).ok());
  ASSERT_TRUE(lease(control, again).ok());
  EXPECT_EQ(first.lease().id(), again.lease().id());
  ASSERT_TRUE(lease(control, second, first.lease().id()).ok());
  EXPECT_NE(second.lease().access_token(), first.lease().access_token());
  ASSERT_TRUE(lease(control, again, first.lease().id()).ok());  // late news
  EXPECT_EQ(again.lease().id(), second.lease().id());
}

TEST_F(ControlTest, ARevokedSignInNeedsReconnectingAndIsNotAskedAgain) {
  Instance& control = start();
  set_up(control);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  outside_.answer_tokens(400, "");
  api::LeaseResponse refused;
  ASSERT_TRUE(lease(control, refused, leased.lease().id()).ok());
  EXPECT_EQ(refused.refusal().cause(), "not_authorized");
  const auto asked = outside_.token_requests().size();
  ASSERT_TRUE(eventually([&] {
    api::ListConnectionsResponse listed;
    api::Connections::NewStub(control.channel())->List(as(Role::Viewer).get(), {}, &listed);
    return listed.connections(0).connection().status() == Status::reconnect_needed;
  }));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(lease(control, refused).ok());
  EXPECT_EQ(refused.refusal().cause(), "not_authorized");
  EXPECT_EQ(outside_.token_requests().size(), asked);
  outside_.answer_tokens(200, "access-# 3600");
  api::ConnectResponse connected;
  ASSERT_TRUE(connect(control, "acme", connected).ok());
  EXPECT_EQ(connected.connection().connection().status(), Status::connected);
  EXPECT_TRUE(lease(control, leased).ok());
  EXPECT_TRUE(leased.has_lease());
}

TEST_F(ControlTest, StoresANewRefreshTokenSoThatARestartGoesOnWithIt) {
  outside_.answer_tokens(200, "access-# 3600 refresh-1");
  set_up(start());
  first_.reset();
  Instance& control = start();
  api::LeaseResponse response;
  ASSERT_TRUE(lease(control, response).ok());
  ASSERT_TRUE(response.has_lease()) << response.DebugString();
  EXPECT_THAT(outside_.token_requests(), SizeIs(2));
  EXPECT_EQ(outside_.token_requests().back(), "the-client-secret refresh-1");
}

TEST_F(ControlTest, OurApplicationRefusedIsNoTenantsDisconnect) {
  Instance& control = start();
  set_up(control);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  outside_.answer_tokens(401, "");
  testing::internal::CaptureStderr();
  ASSERT_TRUE(lease(control, leased, leased.lease().id()).ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("sign_in.application_refused"));
  EXPECT_EQ(leased.refusal().cause(), "no_lease");
  EXPECT_EQ(status_now(control), Status::connected);
  const auto asked = outside_.token_requests().size();
  ASSERT_TRUE(lease(control, leased).ok());
  EXPECT_EQ(outside_.token_requests().size(), asked) << "it rests";
  EXPECT_THAT(telemetry::metrics_text(), HasSubstr("aftercall_application_refused_total{crm=\"fake\"} 1"));
}

TEST_F(ControlTest, AnApiTokenIsLeasedAsItIsUntilTheCrmRefusesIt) {
  Instance& control = start();
  api::ApplyRequest request = acme();
  request.mutable_connections(0)->set_api_token("access-by-api");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  api::ConnectResponse connected;
  ASSERT_TRUE(connect(control, "acme", connected).ok());
  EXPECT_EQ(connected.connection().connection().status(), Status::connected);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  EXPECT_EQ(leased.lease().access_token(), "access-by-api");
  EXPECT_GT(leased.lease().valid_for_ms(), 3'600'000);
  EXPECT_LT(leased.lease().valid_for_ms(), 86'400'000);
  EXPECT_THAT(outside_.token_requests(), SizeIs(0));
  ASSERT_TRUE(lease(control, leased, leased.lease().id()).ok());
  EXPECT_EQ(leased.refusal().cause(), "not_authorized") << "there is no other";
  EXPECT_TRUE(eventually([&] { return status_now(control) == Status::reconnect_needed; }));
}

TEST_F(ControlTest, DisconnectingForgetsTheApiToken) {
  Instance& control = start();
  api::ApplyRequest request = acme();
  request.mutable_connections(0)->set_api_token("access-by-api");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  const std::string sealed = last_value("acme/connection/crm", wire::topic::tenant_secret);
  api::ConnectionRecord record;
  ASSERT_TRUE(disconnect(control, record).ok());
  EXPECT_LT(last_value("acme/connection/crm", wire::topic::tenant_secret).size(), sealed.size());
}

TEST_F(ControlTest, AnAccountBelongsToOneTenant) {
  Instance& control = start();
  set_up(control);
  api::ApplyRequest request;
  request.add_tenants()->mutable_tenant()->set_id("other");
  *request.add_connections() = connection("other");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  api::ConnectResponse connected;
  ASSERT_TRUE(connect(control, "other", connected).ok());
  EXPECT_EQ(connected.connection().connection().status(), Status::setup_incomplete);
  EXPECT_THAT(connected.connection().connection().why(), HasSubstr("another tenant"));
  outside_.account("another-org");
  ASSERT_TRUE(connect(control, "other", connected).ok());
  EXPECT_EQ(connected.connection().connection().status(), Status::connected);
}

TEST_F(ControlTest, ShowsNoSecretOnTopicsInLogsOrInTheAudit) {
  testing::internal::CaptureStderr();
  outside_.answer_tokens(200, "access-# 3600 refresh-token");
  Instance& control = start();
  set_up(control);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  outside_.answer_tokens(400, "refresh-token");
  ASSERT_TRUE(lease(control, leased, leased.lease().id()).ok());
  const std::string bytes = all_bytes();
  first_.reset();
  const std::string logs = testing::internal::GetCapturedStderr();
  EXPECT_THAT(bytes, HasSubstr("connection.apply"));  // the audit is there
  EXPECT_THAT(logs, HasSubstr("config.changed"));
  EXPECT_THAT(logs, HasSubstr("sign_in.failed"));
  for (const std::string secret :
       {"the-client-secret", "an-api-key-that-is-secret", "refresh-token", "access-1"}) {
    EXPECT_THAT(bytes, Not(HasSubstr(secret)));
    EXPECT_THAT(logs, Not(HasSubstr(secret)));
  }
  for (const auto& [token, role] : test_tokens) EXPECT_THAT(logs, Not(HasSubstr(token)));
}

TEST_F(ControlTest, OnlyTheOwnerWritesAndAnotherTakesOverWhenItGoes) {
  Instance& owner = start();
  set_up(owner);
  auto second = std::make_unique<Instance>(io_, bus_, client_);
  api::ListTenantsResponse tenants;
  const auto stub = api::Tenants::NewStub(second->channel());
  ASSERT_TRUE(eventually([&] { return stub->List(as(Role::Viewer).get(), {}, &tenants).ok(); }));
  EXPECT_EQ(tenants.tenants_size(), 1);
  // Which of the two a group of one partition gives it to is the group's choice.
  ASSERT_TRUE(eventually([&] { return owner.owns() != second->owns(); }));
  const bool first_owns = owner.owns();
  Instance& other = first_owns ? *second : owner;
  // A change is passed on, and so is a lease: stages need not know who owns.
  api::ApplyRequest request;
  request.add_tenants()->mutable_tenant()->set_id("beta");
  api::ApplyResponse response;
  const auto passed_on = apply(other, request, response);
  ASSERT_TRUE(passed_on.ok()) << passed_on.error_message();
  EXPECT_EQ(response.changes_size(), 1);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(other, leased).ok());
  EXPECT_TRUE(leased.has_lease());
  EXPECT_FALSE(other.owns());
  (first_owns ? first_ : second).reset();
  ASSERT_TRUE(eventually([&] { return other.owns(); }));
  request.mutable_tenants(0)->mutable_tenant()->set_id("gamma");
  ASSERT_TRUE(apply(other, request, response).ok());
  EXPECT_EQ(response.problems_size(), 0);
  second.reset();
}

TEST_F(ControlTest, WritesAgainWhatAReplacedOwnerWroteOver) {
  Instance& control = start();
  set_up(control);
  aftercall::events::v1::TenantConfig stale;  // of an epoch before the first claim
  stale.mutable_tenant()->set_id("acme");
  stale.mutable_tenant()->set_paused(true);
  publish({wire::TopicNames().of(wire::topic::tenant_config),
           "acme/tenant/acme",
           stale.SerializeAsString(),
           {},
           {}});
  ASSERT_TRUE(eventually([&] { return last_value("acme/tenant/acme") != stale.SerializeAsString(); }));
  // Now the cleaner may come: what is left is the truth.
  compact();
  first_.reset();
  api::TenantRecord tenant;
  api::GetTenantRequest get;
  get.set_tenant("acme");
  ASSERT_TRUE(api::Tenants::NewStub(start().channel())->Get(as(Role::Viewer).get(), get, &tenant).ok());
  EXPECT_FALSE(tenant.tenant().paused());
}

TEST_F(ControlTest, StoresAgainASecretThatAReplacedOwnerRemoved) {
  Instance& control = start();
  set_up(control);
  const std::string topic = wire::TopicNames().of(wire::topic::tenant_secret);
  ASSERT_NE(last_value("acme/connection/crm", wire::topic::tenant_secret), "");
  publish({topic, "acme/connection/crm", std::nullopt, {{"ac-owner-epoch", "0"}}, {}});
  ASSERT_TRUE(
      eventually([&] { return !last_value("acme/connection/crm", wire::topic::tenant_secret).empty(); }));
  compact(wire::topic::tenant_secret);
  first_.reset();
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(start(), leased).ok());
  EXPECT_TRUE(leased.has_lease()) << leased.refusal().detail();
}

TEST_F(ControlTest, PassesACallOnOnceAtMost) {
  Instance& owner = start();
  set_up(owner);
  Instance second(io_, bus_, client_, "unreachable.example:1");
  ASSERT_TRUE(eventually([&] { return owner.owns() != second.owns(); }));
  Instance& other = owner.owns() ? second : owner;
  auto context = as(Role::Admin);
  context->AddMetadata("ac-passed-on", "1");
  api::ApplyRequest request = acme();
  api::ApplyResponse response;
  const auto status = api::Configuration::NewStub(other.channel())->Apply(context.get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("does not own"));
}

TEST_F(ControlTest, EndsWhenItsProducersAreLostForGood) {
  const wire::TopicNames topics;
  for (const auto name : {wire::topic::session_settled, wire::topic::event_deferred})
    bus_.create(topics.of(name), 1);
  LosingBus bus(bus_);
  Instance control(io_, bus, client_, "", Instance::Deferrals::Released);
  ASSERT_TRUE(eventually([&] { return control.ready(); }));
  bus.lose_producers();
  EXPECT_TRUE(control.ends());
}

TEST_F(ControlTest, AnswersHealthWithoutAToken) {
  Instance& control = start();
  const grpc::Status status = call(control, "/grpc.health.v1.Health/Check", "");
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(Server, RefusesToOfferTokensInPlainTextToANetwork) {
  Listening listen;
  listen.port = 0;
  for (const std::string open : {"0.0.0.0", "::", "192.0.2.1"}) {
    listen.address = open;
    EXPECT_THROW(Server(listen, {}), std::runtime_error) << open;
  }
}

}  // namespace
}  // namespace aftercall::control
