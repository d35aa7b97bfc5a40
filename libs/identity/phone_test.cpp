#include "identity/phone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aftercall::identity {
namespace {

using testing::Contains;
using testing::Not;
using testing::UnorderedElementsAre;

TEST(Phone, IsOneNumberHoweverItWasTyped) {
  for (const char* text : {"+46701234567", "0701234567", "070-123 45 67", "070 / 123 45 67",
                           "+46 (0)70-123 45 67", "0046 70 123 45 67", "tel:+46-70-123-45-67",
                           "０７０１２３４５６７", "070-123 45 67 ext. 12", " 070\u00A0123\u00A045\u00A067 "})
    EXPECT_EQ(to_e164(text, "SE").value_or(""), "+46701234567") << text;
  EXPECT_EQ(to_e164("(212) 555-0123", "US").value_or(""), "+12125550123");
  EXPECT_EQ(to_e164("03-1234-5678", "JP").value_or(""), "+81312345678");
}

TEST(Phone, WithCountryCodeNeedsNoRegion) {
  EXPECT_EQ(to_e164("+46701234567", "").value_or(""), "+46701234567");
  EXPECT_FALSE(to_e164("0701234567", ""));
  EXPECT_FALSE(to_e164("0701234567", "XX"));
}

TEST(Phone, RefusesWhatIsNobodysNumber) {
  const std::string zeros(300, '0');
  for (const std::string& text :
       {std::string(), std::string("anonymous"), std::string("112"), std::string("+"), std::string("+46"),
        std::string("12345"), std::string("+999999999999999999"), zeros, std::string("\xFF\xFE"),
        std::string("sip:anna@example.se"), std::string("00046wr467p")})
    EXPECT_FALSE(to_e164(text, "SE")) << text;
}

TEST(Phone, TheReasonNeverRepeatsTheNumber) {
  EXPECT_EQ(to_e164("+46 7012345678901234", "SE").error().detail.find("7012"), std::string::npos);
}

TEST(Phone, IsFoundInACrmsFreeText) {
  for (const char* text : {"070-1234567", "+46701234567", "070 123 45 67 (home)", "Work: 070-123 45 67",
                           "08-123 456 78 / 070-123 45 67", "0046701234567", "(+46) 70 123 45 67"})
    EXPECT_TRUE(same_number(text, "+46701234567", "SE")) << text;
}

TEST(Phone, IsNotMistakenForOneThatOnlyEndsAlike) {
  for (const char* text : {"", "071-123 45 67", "+47701234567", "1234567", "701234567890", "n/a"})
    EXPECT_FALSE(same_number(text, "+46701234567", "SE")) << text;
  EXPECT_FALSE(same_number("0701234567", "+46701234567", "DE"));  // there it is another number
}

TEST(Phone, IsSearchedInEveryUsualNotation) {
  const auto search = search_for("+46701234567", "SE");
  EXPECT_THAT(search.exact, UnorderedElementsAre("+46701234567", "+46 70 123 45 67", "070-123 45 67",
                                                 "0701234567", "701234567", "0046701234567", "46701234567",
                                                 "tel:+46701234567", "tel:+46-70-123-45-67"));
  EXPECT_EQ(search.digits, "701234567");
  EXPECT_EQ(search.national, "701234567");
  EXPECT_EQ(like_pattern(search.digits), "7%0%1%2%3%4%5%6%7");
}

TEST(Phone, FromAbroadIsNotSearchedInNationalNotation) {
  const auto search = search_for("+4930123456", "SE");
  EXPECT_THAT(search.exact, Not(Contains("030123456")));
  EXPECT_EQ(search.digits, "30123456");
}

TEST(Phone, HasANationalPartWhateverItsLength) {
  EXPECT_EQ(search_for("+12025550123", "SE").national, "2025550123");
  EXPECT_EQ(search_for("+390612345678", "SE").national, "0612345678");  // its zero belongs to it
}

TEST(Phone, IsNeverSearchedByFewerThanSevenDigits) {
  EXPECT_EQ(search_for("+299123456", "GL").national, "299123456");
  EXPECT_EQ(search_for("+299123456", "GL").digits, "299123456");  // six digits at home
  EXPECT_TRUE(search_for("+46112", "SE").exact.empty());
  EXPECT_TRUE(search_for("nonsense", "SE").digits.empty());
}

TEST(Phone, KnowsTheWorldsRegions) {
  EXPECT_TRUE(known_region("SE"));
  EXPECT_FALSE(known_region("XX"));
  EXPECT_FALSE(known_region("se"));
  EXPECT_FALSE(known_region(""));
}

}  // namespace
}  // namespace aftercall::identity
