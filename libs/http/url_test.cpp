#include "http/url.hpp"

#include <gmock/gmock.h>

namespace aftercall::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Url, IsSplitAndNormalised) {
  const auto url =
      parse_url("HTTPS://Contoso.CRM4.dynamics.com/api/data/v9.2/contacts?$select=a,b&$filter=c%20eq%20'd'");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "contoso.crm4.dynamics.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/api/data/v9.2/contacts?$select=a,b&$filter=c%20eq%20'd'");
  EXPECT_EQ(url->origin(), "https://contoso.crm4.dynamics.com");
}

TEST(Url, APortOfItsOwnStandsInTheOrigin) {
  EXPECT_EQ(parse_url("http://127.0.0.1:8080")->origin(), "http://127.0.0.1:8080");
  EXPECT_EQ(parse_url("http://127.0.0.1:8080")->target, "/");
  EXPECT_EQ(parse_url("https://a.b:443/x")->origin(), "https://a.b");
  EXPECT_EQ(parse_url("https://a.b?x=1")->target, "/?x=1");
  EXPECT_EQ(parse_url("https://a.b:/x")->port, 443);
  EXPECT_EQ(parse_url("http://[::1]:99/x")->host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:99/x")->origin(), "http://[::1]:99");
}

TEST(Url, WhatARequestHasNoUseForIsRefused) {
  for (const char* text : {"",
                           "contoso.com",
                           "/path",
                           "//host/x",
                           "ftp://a.b/",
                           "https://",
                           "https:///x",
                           "https://user@a.b/",
                           "https://user:secret@a.b/",
                           "https://good.com@evil.com/",
                           "https://a.b/#part",
                           "https://a b/",
                           "https://a.b/\r\nX: y",
                           "https://a.b/ x",
                           "https://a.b/\"",
                           "https://a.b:0/",
                           "https://a.b:65536/",
                           "https://a.b:80x/",
                           "https://a.b:-1/",
                           "https://a%2eb/",
                           "https://a..b/",
                           "https://.a/",
                           "https://[::1/",
                           "https://[v1.x]/",
                           "https://a.b/%",
                           "https://a.b/\xc3\xa5",
                           "https://\xc3\xa5.se/",
                           "javascript:alert(1)",
                           "https://a.b\\@c.d/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url(std::string_view("https://a.b/\0x", 14)));
  EXPECT_FALSE(parse_url("https://a.b/" + std::string(20'000, 'x')));
}

TEST(Url, AHostThatSomeResolversTakeForAnAddressIsRefused) {
  for (const char* text : {"http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
                           "http://0x7f.1/", "http://256.1.1.1/", "http://1.2.3.4./"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, LoopbackIsThisMachineInAnyNotation) {
  for (const char* host : {"localhost", "LocalHost.", "a.localhost", "127.0.0.1", "127.9.9.9", "0.0.0.0",
                           "::1", "::", "[::1]", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"", "localhost.evil.com", "notlocalhost", "128.0.0.1", "::2", "127.0.0.1.evil.com",
                           "::ffff:10.0.0.1", "fe80::1"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Percent, EncodesAllButTheUnreservedAndDecodesItAgain) {
  EXPECT_EQ(percent_encode("a b/ö~"), "a%20b%2F%C3%B6~");
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(every)), every);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(Percent, ABrokenEscapeIsNoText) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4z", "%%41", "% 1"})
    EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Target, IsReadBySegmentAndPair) {
  const auto target = parse_target("/v1/hooks/a%2Fb?x=1&y=a+b%21&flag&=&&z=1=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/hooks/a%2Fb");
  EXPECT_THAT(target->segments, ElementsAre("v1", "hooks", "a/b"));
  EXPECT_THAT(target->query, ElementsAre(Pair("x", "1"), Pair("y", "a b!"), Pair("flag", ""), Pair("", ""),
                                         Pair("z", "1=2")));
  EXPECT_TRUE(parse_target("/")->segments.empty());
  for (const char* text : {"", "*", "http://a/b", "v1", "/%", "/?a=%g1"})
    EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Form, IsEncoded) {
  EXPECT_EQ(form({{"a", "1 &=+"}, {"b", ""}}), "a=1%20%26%3D%2B&b=");
  EXPECT_EQ(form({}), "");
}

TEST(Label, IsOnePartOfAHostsName) {
  for (const std::string text : {"a", "contoso", "a-1", "1"}) EXPECT_TRUE(is_label(text)) << text;
  for (const std::string text : {"", "-a", "a-", "A", "a.b", "a_b", "\xC3\xA5"})
    EXPECT_FALSE(is_label(text)) << text;
  EXPECT_FALSE(is_label(std::string(64, 'a')));
}

}  // namespace
}  // namespace aftercall::http
