// What an admin's mistakes come to, over the API.
#include "control/configuration/configuration_service.hpp"

#include <gmock/gmock.h>

#include "control/test_world.hpp"

namespace aftercall::control {
namespace {

using testing::HasSubstr;
using Status = events::v1::Connection::Status;

class ConfigurationTest : public World {
 protected:
  static grpc::Status remove_connection(Instance& at, const std::string& id) {
    api::DeleteConnectionRequest request;
    request.set_tenant("acme");
    request.set_id(id);
    api::DeleteResponse response;
    return api::Connections::NewStub(at.channel())->Delete(as(Role::Admin).get(), request, &response);
  }
};

TEST_F(ConfigurationTest, WhatANewerReleaseWroteIsKeptWhenThisOneWrites) {
  constexpr int unknown = 9999;
  const auto values = [](const google::protobuf::Message& message) {
    const auto& fields = message.GetReflection()->GetUnknownFields(message);
    return fields.field_count() == 1 ? fields.field(0).varint() : 0;
  };
  Instance& control = start();
  set_up(control);
  events::v1::TenantConfig record;
  ASSERT_TRUE(record.ParseFromString(last_value("acme/tenant/acme")));
  record.GetReflection()->MutableUnknownFields(&record)->AddVarint(unknown, 7);
  auto* const tenant = record.mutable_tenant();
  tenant->GetReflection()->MutableUnknownFields(tenant)->AddVarint(unknown, 8);
  publish({wire::TopicNames().of(wire::topic::tenant_config),
           "acme/tenant/acme",
           record.SerializeAsString(),
           {},
           {}});
  api::ApplyRequest request;
  request.add_tenants()->mutable_tenant()->set_id("acme");
  request.mutable_tenants(0)->mutable_tenant()->set_name("Acme AB");
  api::ApplyResponse response;
  ASSERT_TRUE(apply(control, request, response).ok());
  ASSERT_TRUE(record.ParseFromString(last_value("acme/tenant/acme")));
  EXPECT_EQ(record.tenant().name(), "Acme AB");
  EXPECT_EQ(values(record), 7U);
  EXPECT_EQ(values(record.tenant()), 8U);
}

TEST_F(ConfigurationTest, OfTwoAppliesAtOnceThatBeganFromTheSameVersionOneIsRefused) {
  Instance& control = start();
  set_up(control);
  std::vector<std::future<api::ApplyResponse>> both;
  for (const std::string name : {"Acme AB", "Acme GmbH"})
    both.push_back(std::async(std::launch::async, [&, name] {
      api::ApplyRequest request;
      request.add_tenants()->mutable_tenant()->set_id("acme");
      request.mutable_tenants(0)->mutable_tenant()->set_name(name);
      request.mutable_tenants(0)->set_expected_version(1);
      api::ApplyResponse response;
      const auto status = apply(control, request, response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      return response;
    }));
  const auto one = both[0].get();
  const auto other = both[1].get();
  ASSERT_EQ(one.problems_size() + other.problems_size(), 1);
  const auto& refused = one.problems_size() == 1 ? one : other;
  EXPECT_TRUE(refused.problems(0).stale());
  EXPECT_THAT(refused.problems(0).message(), HasSubstr("somebody changed it meanwhile"));
  api::TenantRecord tenant;
  api::GetTenantRequest get;
  get.set_tenant("acme");
  ASSERT_TRUE(api::Tenants::NewStub(control.channel())->Get(as(Role::Viewer).get(), get, &tenant).ok());
  EXPECT_EQ(tenant.version(), 2);
  EXPECT_EQ(tenant.tenant().name(), &refused == &one ? "Acme GmbH" : "Acme AB");
}

TEST_F(ConfigurationTest, ASecondCrmForATenantLeavesTheFirstConnected) {
  Instance& control = start();
  set_up(control);
  api::ApplyRequest request;
  *request.add_connections() = connection("acme");
  request.mutable_connections(0)->set_id("second");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  ASSERT_EQ(applied.problems_size(), 0) << applied.DebugString();
  api::ListConnectionsResponse listed;
  const auto stub = api::Connections::NewStub(control.channel());
  ASSERT_TRUE(stub->List(as(Role::Viewer).get(), {}, &listed).ok());
  ASSERT_EQ(listed.connections_size(), 2);
  EXPECT_EQ(listed.connections(0).connection().status(), Status::connected);
  EXPECT_EQ(listed.connections(1).connection().status(), Status::setup_incomplete);
  EXPECT_EQ(listed.connections(1).connection().why(), "it was not connected yet");
}

TEST_F(ConfigurationTest, ADeletedConnectionIsGoneWithItsSecretAndItsLeases) {
  Instance& control = start();
  set_up(control);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  ASSERT_TRUE(remove_connection(control, "crm").ok());
  EXPECT_EQ(last_value("acme/connection/crm", wire::topic::tenant_secret), "");
  EXPECT_EQ(last_value("acme/connection/crm"), "");
  EXPECT_EQ(lease(control, leased).error_code(), grpc::StatusCode::NOT_FOUND);
  const auto again = remove_connection(control, "crm");
  EXPECT_EQ(again.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(again.error_message(), "there is no connection crm");
}

TEST_F(ConfigurationTest, AChangedSecretIsUsedFromTheNextSignInOn) {
  Instance& control = start();
  set_up(control);
  api::ApplyRequest request;
  *request.add_connections() = connection("acme");
  request.mutable_connections(0)->set_client_secret("another-secret");
  api::ApplyResponse applied;
  ASSERT_TRUE(apply(control, request, applied).ok());
  ASSERT_EQ(applied.changes_size(), 1);
  EXPECT_EQ(applied.changes(0).what(), api::Change::What::updated);
  api::LeaseResponse leased;
  ASSERT_TRUE(lease(control, leased).ok());
  EXPECT_TRUE(leased.has_lease()) << "it stays connected";
  EXPECT_EQ(outside_.token_requests().back(), "another-secret");
}

}  // namespace
}  // namespace aftercall::control
