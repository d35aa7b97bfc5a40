#include "telemetry/trace.hpp"

#include <gtest/gtest.h>

namespace aftercall::telemetry {
namespace {

constexpr std::string_view example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, AFieldIsReadAndWrittenAsItWas) {
  const auto trace = parse_traceparent(example);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(trace->sampled);
  EXPECT_EQ(format(*trace), example);
}

TEST(Trace, AChildStaysInItsTraceUnderASpanOfItsOwn) {
  const auto parent = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  EXPECT_EQ(format(child_of(parent, 0xAB)), "00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000ab-00");
  EXPECT_EQ(format(new_trace(1, 2, 3)), "00-00000000000000010000000000000002-0000000000000003-01");
}

TEST(Trace, RandomnessThatIsZeroStillMakesAValidField) {
  EXPECT_TRUE(parse_traceparent(format(new_trace(0, 0, 0))));
  EXPECT_TRUE(parse_traceparent(format(child_of(new_trace(0, 0, 0), 0))));
}

TEST(Trace, WhatIsNotWellFormedStartsATraceOfItsOwn) {
  const std::string good(example);
  for (const std::string& text :
       {std::string(), std::string("x"), good.substr(1), good + "0", good + "-00", "ff" + good.substr(2),
        std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
        std::string("00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"),
        std::string("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")}) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
    EXPECT_TRUE(parse_traceparent(next_traceparent(text))) << text;
  }
  EXPECT_EQ(parse_traceparent(next_traceparent(example))->trace_id, parse_traceparent(example)->trace_id);
  EXPECT_NE(next_traceparent(example), next_traceparent(example));
}

TEST(Trace, ALaterVersionMaySayMore) {
  EXPECT_TRUE(parse_traceparent("01" + std::string(example.substr(2)) + "-more"));
}

}  // namespace
}  // namespace aftercall::telemetry
