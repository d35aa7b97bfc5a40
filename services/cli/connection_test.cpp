#include "cli/connection.hpp"

#include <gtest/gtest.h>

namespace aftercall::cli {
namespace {

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
