#include "cli/connection.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace aftercall::cli {
namespace {

using ::testing::HasSubstr;

class FindControl : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv("AFTERCALL_CONFIG");
    std::filesystem::create_directories(folder_);
    token_ = file("token", "s3cret\n");
  }
  void TearDown() override {
    unsetenv("AFTERCALL_CONFIG");
    std::filesystem::remove_all(folder_);
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  void config(const std::string& address, const std::string& more = "") const {
    const auto path =
        file("aftercall.toml", "[control]\naddress = \"" + address + "\"\ntoken = \"s3cret\"\n" + more);
    setenv("AFTERCALL_CONFIG", path.c_str(), 1);
  }

  std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "find_control";
  std::string token_;
};

TEST_F(FindControl, OnThisMachinePlainTextIsEnough) {
  for (const auto* address : {"127.0.0.1:7000", "localhost:7000", "[::1]:7000"}) {
    const auto where = find_control(address, token_);
    ASSERT_TRUE(where) << where.error().detail;
    EXPECT_EQ(where->token.reveal(), "s3cret");
  }
}

TEST_F(FindControl, SendsNoTokenInPlainTextToAnotherMachine) {
  for (const auto* address :
       {"control.example:7000", "10.0.0.7:7000", "127.0.0.1.example:7000", "[::2]:7000"}) {
    const auto where = find_control(address, token_);
    ASSERT_FALSE(where) << address;
    EXPECT_THAT(where.error().detail, HasSubstr("ca_file"));
  }
  config("control.example:7000");
  EXPECT_FALSE(find_control("", ""));
}

TEST_F(FindControl, AnotherMachineIsCheckedAgainstTheNamedCertificate) {
  config("control.example:7000", "ca_file = \"" + file("ca.pem", "PEM") + "\"\n");
  const auto where = find_control("", "");
  ASSERT_TRUE(where) << where.error().detail;
  EXPECT_EQ(where->ca, "PEM");
}

TEST_F(FindControl, NamesAFileThatCannotBeRead) {
  const auto no_token = find_control("127.0.0.1:7000", "/nowhere/token");
  ASSERT_FALSE(no_token);
  EXPECT_THAT(no_token.error().detail, HasSubstr("/nowhere/token"));
  config("control.example:7000", "ca_file = \"/nowhere/ca.pem\"\n");
  const auto no_roots = find_control("", "");
  ASSERT_FALSE(no_roots);
  EXPECT_THAT(no_roots.error().detail, HasSubstr("/nowhere/ca.pem"));
}

const Where where{"host:9090", Secret("t"), ""};

TEST(Explained, AControlThatIsNotThereIsOneSentence) {
  const grpc::Status status(
      grpc::StatusCode::UNAVAILABLE,
      "failed to connect to all addresses; last error: UNKNOWN: ipv4:1: Connection refused");
  EXPECT_EQ(
      explained(status, where),
      "control does not answer at host:9090: is it running, and is this its address? (Connection refused)");
}

TEST(Explained, WhatControlItselfSaysIsNotTakenForItsAbsence) {
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "Dynamics 365 answered 503", "server_error");
  EXPECT_EQ(explained(status, where), "Dynamics 365 answered 503");
}

}  // namespace
}  // namespace aftercall::cli
