#include "cli/apply_file.hpp"

#include <gmock/gmock.h>

namespace aftercall::cli {
namespace {

using testing::HasSubstr;

Result<ApplyFile> read(const char* text) {
  const auto tree = config::parse(text, "tenants.toml");
  if (!tree) return tl::unexpected(tree.error());
  return read_apply_file(*tree);
}

TEST(ApplyFile, BecomesARequest) {
  const auto file = read(R"(
[[tenant]]
id = "acme"
region = "SE"
domains = ["acme.example"]
create_contacts = "when_email_known"

[[source]]
tenant = "acme"
id = "meetings"
key = "a-long-enough-key"
revisions = "number"

[[connection]]
tenant = "acme"
id = "main"
crm = "dynamics365"
url = "https://acme.crm4.dynamics.com"
client_id = "c"
client_secret = "s"
refresh_token = "r"
api_token = "t"
settings = { sign_in_tenant = "acme.example" }
)");
  ASSERT_TRUE(file) << file.error().detail;
  const auto* request = &file->request;
  EXPECT_EQ(request->tenants(0).tenant().create_contacts(), events::v1::Tenant::Create::when_email_known);
  EXPECT_EQ(request->sources(0).keys(0), "a-long-enough-key");
  EXPECT_EQ(request->connections(0).settings().at("sign_in_tenant"), "acme.example");
  EXPECT_EQ(request->connections(0).client_id(), "c");
  EXPECT_EQ(request->connections(0).client_secret(), "s");
  EXPECT_EQ(request->connections(0).refresh_token(), "r");
  EXPECT_EQ(request->connections(0).api_token(), "t");
  EXPECT_FALSE(request->tenants(0).has_expected_version());
  EXPECT_EQ(file->lines.at("tenant acme"), 2);
  EXPECT_EQ(file->lines.at("connection acme/main"), 14);
}

TEST(ApplyFile, EveryMistakeIsToldWithItsLine) {
  const auto request =
      read("[[tenant]]\nid = \"acme\"\nregon = \"SE\"\nambiguity = \"newest\"\n[[source]]\ntenant = 3\n");
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().detail, HasSubstr("tenants.toml:3"));
  EXPECT_THAT(request.error().detail, HasSubstr("tenants.toml:4"));
  EXPECT_THAT(request.error().detail, HasSubstr("tenants.toml:6"));
}

TEST(ApplyFile, AnEmptyOneIsAMistake) { EXPECT_FALSE(read("")); }

}  // namespace
}  // namespace aftercall::cli
