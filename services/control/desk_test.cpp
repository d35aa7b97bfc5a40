#include "control/desk.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "policy/digest.hpp"

namespace aftercall::control {
namespace {

namespace api = aftercall::control::v1;
using namespace std::chrono_literals;

constexpr const char* token = "token-of-a-viewer-0000";

// A service whose only answer is what the test wants done on the one thread.
struct Counter final : api::Tenants::Service {
  explicit Counter(Desk& at) : desk(at) {}
  grpc::Status List(grpc::ServerContext* context, const api::ListTenantsRequest* request,
                    api::ListTenantsResponse* response) override {
    return desk.read<api::ListTenantsResponse>(*context, "Tenants/List", *request, response, look);
  }
  Desk& desk;
  std::function<Result<api::ListTenantsResponse>()> look;
};

class DeskTest : public testing::Test {
 protected:
  DeskTest() {
    tasks.on_end([this](const std::string&, const std::exception_ptr& why) {
      if (why) thrown.set_value();
    });
    desk.open();
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&counter);
    server = builder.BuildAndStart();
  }
  ~DeskTest() override {
    server->Shutdown();
    io.stop();
    thread.join();
  }

  grpc::Status list() const {
    const auto channel =
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 20s);
    context.AddMetadata("authorization", std::string("Bearer ") + token);
    api::ListTenantsResponse response;
    return api::Tenants::NewStub(channel)->List(&context, {}, &response);
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  process::Tasks tasks{io.get_executor()};
  Desk desk{
      {io.get_executor(), tasks, {{{"a viewer", Role::Viewer}, sha256_hex(token)}}, [] { return ""; }, ""}};
  Counter counter{desk};
  std::promise<void> thrown;
  std::future<void> has_thrown = thrown.get_future();
  int port = 0;
  std::unique_ptr<grpc::Server> server;
  std::thread thread{[this] { io.run(); }};
};

TEST_F(DeskTest, TheDisksTroubleIsToldToWhoAskedAndEndsNothing) {
  counter.look = []() -> Result<api::ListTenantsResponse> {
    throw view::DiskTrouble({Cause::Unreachable, "the view's disk is full; make room"});
  };
  const auto refused = list();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.error_message(), "the view's disk is full; make room");
  counter.look = [] { return api::ListTenantsResponse(); };
  EXPECT_TRUE(list().ok());
  EXPECT_EQ(has_thrown.wait_for(0s), std::future_status::timeout);
}

TEST_F(DeskTest, AMistakeOfOursIsNotToldButThrownOn) {
  counter.look = []() -> Result<api::ListTenantsResponse> { throw std::logic_error("a secret"); };
  const auto failed = list();
  EXPECT_EQ(failed.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(failed.error_message().find("secret"), std::string::npos);
  EXPECT_EQ(has_thrown.wait_for(20s), std::future_status::ready);
}

}  // namespace
}  // namespace aftercall::control
