#include "identity/email.hpp"

#include <gtest/gtest.h>

namespace aftercall::identity {
namespace {

TEST(Email, IsOneAddressHoweverItWasTyped) {
  for (const char* text : {"anna.berg@example.se", "Anna.Berg@Example.SE", "  anna.berg@example.se\r\n",
                           "\u00A0anna.berg@example.se\u200B", "\uFEFFanna.berg@example.se"})
    EXPECT_EQ(normalise_email(text).value_or(""), "anna.berg@example.se") << text;
}

TEST(Email, KeepsWhatRealMailSystemsUse) {
  for (const char* text : {"a+tag@example.com", "o'brien@example.ie", "taro..yamada.@docomo.example",
                           "x@a.b-c.co.jp", "jörg@bücher.example", "_%_@example.com"})
    EXPECT_EQ(normalise_email(text).value_or(""), text);
}

TEST(Email, RefusesWhatNoCrmCanFindAPersonBy) {
  const std::string long_name(65, 'x');
  const std::string long_label(64, 'x');
  const std::string long_whole = "a@" + std::string(60, 'x') + "." + std::string(60, 'y') + ".se";
  const std::string emoji = "a@" + std::string(40, 'x') + "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀.se";
  for (const std::string& text : {std::string(),
                                  std::string("  "),
                                  std::string("anna"),
                                  std::string("@example.se"),
                                  std::string("anna@"),
                                  std::string("anna@localhost"),
                                  std::string("a@b@example.se"),
                                  std::string("anna@.se"),
                                  std::string("anna@x..se"),
                                  std::string("anna@-x.se"),
                                  std::string("anna@x.se."),
                                  std::string("Anna <anna@example.se>"),
                                  std::string("a@x.se,b@x.se"),
                                  std::string("a b@x.se"),
                                  std::string("\"a\"@x.se"),
                                  std::string("a@[10.0.0.1]"),
                                  std::string("a@x.se\0", 7),
                                  std::string("a@x\u200B.se"),
                                  std::string("a\xFF@x.se"),
                                  std::string("a@x_y.se"),
                                  long_name + "@example.se",
                                  "a@" + long_label + ".se",
                                  long_whole,
                                  emoji})
    EXPECT_FALSE(normalise_email(text)) << text;
}

TEST(Email, TheReasonNeverRepeatsTheAddress) {
  const auto failure = normalise_email("anna berg@example.se").error();
  EXPECT_EQ(failure.cause, Cause::Malformed);
  EXPECT_EQ(failure.detail.find("anna"), std::string::npos);
}

TEST(Email, KnowsItsDomain) {
  EXPECT_EQ(domain_of("anna@example.se"), "example.se");
  EXPECT_EQ(domain_of("anna"), "");
}

}  // namespace
}  // namespace aftercall::identity
