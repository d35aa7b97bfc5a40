#include "http/outgoing.hpp"

#include <gtest/gtest.h>

namespace aftercall::http {
namespace {

Request with(Headers headers) {
  return {.method = "POST", .target = "", .headers = std::move(headers), .body = ""};
}

TEST(Outgoing, AnOrdinaryRequestMayBeSent) {
  EXPECT_TRUE(check_outgoing(with({{"Authorization", "Bearer abc"}, {"X-Name", "Åsa\tÖ"}})));
}

TEST(Outgoing, NoHeaderCanSmuggleASecondOne) {
  EXPECT_FALSE(check_outgoing(with({{"X", "a\r\nEvil: 1"}})));
  EXPECT_FALSE(check_outgoing(with({{"X", "a\nb"}})));
  EXPECT_FALSE(check_outgoing(with({{"X", std::string("a\0b", 3)}})));
  EXPECT_FALSE(check_outgoing(with({{"X: a\r\nY", "b"}})));
  EXPECT_FALSE(check_outgoing(with({{"", "b"}})));
  auto request = with({});
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_FALSE(check_outgoing(request));
}

TEST(Outgoing, WhatFramesTheMessageIsOurs) {
  for (const char* name : {"host", "Content-Length", "transfer-encoding", "Connection"})
    EXPECT_FALSE(check_outgoing(with({{name, "x"}}))) << name;
}

}  // namespace
}  // namespace aftercall::http
