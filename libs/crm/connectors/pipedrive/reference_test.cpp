#include "reference.hpp"

#include <gtest/gtest.h>

#include "domain/utf8.hpp"

namespace aftercall::crm::pipedrive {
namespace {

const std::string key = "55555555-0000-5000-8000-000000000001";

TEST(Reference, IsALineThatPeopleSee) {
  EXPECT_EQ(with_reference("<p>x</p>", key), "<p>x</p><p>Ref: " + key + "</p>");
  EXPECT_TRUE(bears_reference(with_reference("<p>x</p>", key), key));
}

TEST(Reference, IsFoundHoweverItWasStored) {
  for (const std::string& text : {"<p>Ref:&nbsp;" + key + "</p>", "Ref:" + key, "Ref: Ref: " + key + "<br>",
                                  "Ref:\xC2\xA0" + key, "Ref: other Ref: &#160;" + key + " "})
    EXPECT_TRUE(bears_reference(text, key)) << text;
}

TEST(Reference, OfAnotherRecordIsNone) {
  for (const std::string& text :
       {std::string(), std::string("Ref:"), "<p>" + key + "</p>", "Ref: " + key + "1",
        "Ref: 5" + key.substr(1, 34), "ref: " + key, "Ref: x" + key})
    EXPECT_FALSE(bears_reference(text, key)) << text;
  EXPECT_FALSE(bears_reference("Ref: ", ""));
}

// Keys are no secret: manual notes and summaries may quote an earlier note as it shows itself.
TEST(Reference, ThatATextOnlyQuotesIsNotItsOwn) {
  const std::string other = "55555555-0000-5000-8000-000000000002";
  const auto quoting =
      with_reference("<blockquote>" + with_reference("<p>x</p>", key) + "</blockquote>", other);
  EXPECT_TRUE(bears_reference(quoting, other));
  const auto ref = "Ref: " + key;
  for (const auto& text : {quoting, ref + " and Ref: other", ref + "<p>Ref: other</p>"})
    EXPECT_FALSE(bears_reference(text, key)) << text;
}

TEST(Reference, FitsAfterTheLongestText) {
  EXPECT_LE(with_reference(std::string(most_text_bytes, 'x'), key).size(), most_note_bytes);
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
