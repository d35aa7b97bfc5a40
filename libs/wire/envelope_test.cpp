#include "wire/envelope.hpp"

#include <gtest/gtest.h>

namespace aftercall::wire {
namespace {

Envelope full() {
  Envelope envelope;
  envelope.id = "6ba7b810-9dad-51d1-80b4-00c04fd430c8";
  envelope.type = "session.finished";
  envelope.source = "/ingest";
  envelope.time = *parse_rfc3339("2026-02-03T09:00:00.250Z");
  envelope.subject = "acme/meetings/1";
  envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  envelope.tenant = TenantId("acme");
  envelope.attempt = 3;
  envelope.tries = 2;
  envelope.unit = "dynamics365:1";
  envelope.run = "01HX";
  envelope.upstream_id = "evt-7";
  envelope.first_deferred = *parse_rfc3339("2026-02-03T09:00:01Z");
  envelope.spent = {5, 70};
  return envelope;
}

TEST(Envelope, ComesBackFromItsHeadersAsItWas) {
  const auto back = envelope_of(headers_of(full()));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, full());
}

TEST(Envelope, WithoutIdOrTenantIsMalformedAndSaysWhichHeader) {
  auto envelope = full();
  envelope.tenant = TenantId();
  const auto back = envelope_of(headers_of(envelope));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().cause, Cause::Malformed);
  EXPECT_EQ(back.error().detail, "header ac-tenant is missing");
  EXPECT_FALSE(envelope_of({{"ac-tenant", "acme"}}));
}

TEST(Envelope, ACountThatIsNoneIsMalformed) {
  for (const char* count : {"x", "-1", "1x", "", "99999999999"}) {
    const auto back = envelope_of({{"ce_id", "1"}, {"ac-tenant", "acme"}, {"ac-tries", count}});
    EXPECT_FALSE(back) << count;
  }
}

}  // namespace
}  // namespace aftercall::wire
