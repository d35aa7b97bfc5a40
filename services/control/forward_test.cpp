#include "control/forward.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "aftercall/control/v1/control.grpc.pb.h"

namespace aftercall::control {
namespace {

namespace api = aftercall::control::v1;
using namespace std::chrono_literals;

bool soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// An owner that has stopped answering.
struct Deaf final : api::Tenants::Service {
  grpc::Status List(grpc::ServerContext* context, const api::ListTenantsRequest*,
                    api::ListTenantsResponse*) override {
    ++calls;
    while (!context->IsCancelled() && !over) std::this_thread::sleep_for(2ms);
    --calls;
    return grpc::Status::CANCELLED;
  }
  std::atomic<int> calls = 0;
  std::atomic<bool> over = false;
};

// The instance that was asked.
struct Front final : api::Tenants::Service {
  grpc::Status List(grpc::ServerContext* context, const api::ListTenantsRequest* request,
                    api::ListTenantsResponse* response) override {
    return forward.pass_on({*context, "Tenants/List", bus::within(limit)}, owner, *request, *response);
  }
  Forward forward{""};
  std::string owner;
  std::chrono::milliseconds limit{0};
};

struct Offered {
  explicit Offered(grpc::Service& service) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

class ForwardTest : public testing::Test {
 protected:
  ForwardTest() { front.owner = at_owner.address(); }
  ~ForwardTest() override { deaf.over = true; }

  // Without a deadline of its own.
  std::future<grpc::Status> call(grpc::ClientContext& context) {
    return std::async(std::launch::async, [this, &context] {
      api::ListTenantsResponse response;
      const auto channel = grpc::CreateChannel(at_front.address(), grpc::InsecureChannelCredentials());
      return api::Tenants::NewStub(channel)->List(&context, {}, &response);
    });
  }

  Deaf deaf;
  Front front;
  Offered at_owner{deaf};
  Offered at_front{front};
};

TEST_F(ForwardTest, ACallThatIsPassedOnWaitsNoLongerThanWeWould) {
  front.limit = 200ms;
  grpc::ClientContext context;
  auto called = call(context);
  const bool ended = called.wait_for(20s) == std::future_status::ready;
  if (!ended) context.TryCancel();
  EXPECT_TRUE(ended);
  EXPECT_EQ(called.get().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(ForwardTest, ACallThatIsPassedOnEndsWhenItsCallerGoes) {
  front.limit = 1h;
  grpc::ClientContext context;
  auto called = call(context);
  ASSERT_TRUE(soon([&] { return deaf.calls == 1; }));
  context.TryCancel();
  EXPECT_EQ(called.get().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(soon([&] { return deaf.calls == 0; }));
}

TEST_F(ForwardTest, ACallThatIsPassedOnWaitsNoLongerThanItsCaller) {
  front.limit = 1h;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 200ms);
  EXPECT_EQ(call(context).get().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(soon([&] { return deaf.calls == 0; }));
}

TEST_F(ForwardTest, AnOwnerThatIsGoneIsNamedAndNotTakenForWhoWasAsked) {
  front.limit = 1h;
  at_owner.server->Shutdown();
  grpc::ClientContext context;
  const auto status = call(context).get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(status.error_message().find("at " + front.owner + ", which does not answer"), std::string::npos)
      << status.error_message();
  EXPECT_EQ(status.error_details(), "unreachable");
}

}  // namespace
}  // namespace aftercall::control
