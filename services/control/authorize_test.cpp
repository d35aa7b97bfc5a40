#include "control/authorize.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "aftercall/control/v1/control.pb.h"
#include "control/sign_in/seal.hpp"
#include "policy/digest.hpp"

namespace aftercall::control {
namespace {

using testing::HasSubstr;

std::vector<std::string> every_method() {
  std::vector<std::string> methods;
  const auto* file = aftercall::control::v1::Lease::descriptor()->file();
  for (int i = 0; i < file->service_count(); ++i)
    for (int j = 0; j < file->service(i)->method_count(); ++j)
      methods.push_back("/" + file->service(i)->full_name() + "/" + file->service(i)->method(j)->name());
  return methods;
}

TEST(Authorize, EveryMethodOfTheApiIsSomebodys) {
  EXPECT_GE(every_method().size(), 19U);
  for (const auto& method : every_method())
    EXPECT_TRUE(may(Role::Admin, method) || may(Role::Stage, method)) << method << " has no row";
}

TEST(Authorize, AStageMayLeaseAndNothingElse) {
  for (const auto& method : every_method())
    EXPECT_EQ(may(Role::Stage, method), method.ends_with("Credentials/Lease")) << method;
}

TEST(Authorize, NobodyElseMayLease) {
  for (const Role role : {Role::Admin, Role::Operator, Role::Viewer})
    EXPECT_FALSE(may(role, "/aftercall.control.v1.Credentials/Lease"));
}

TEST(Authorize, AViewerChangesNothing) {
  for (const auto& method : every_method()) {
    const bool reads = method.ends_with("/Get") || method.ends_with("/List") || method.ends_with("/Search");
    EXPECT_EQ(may(Role::Viewer, method), reads) << method;
  }
}

TEST(Authorize, WhatIsNotNamedIsRefusedToEverybody) {
  EXPECT_FALSE(may(Role::Admin, "/aftercall.control.v1.Tenants/Drop"));
  EXPECT_FALSE(may(Role::Admin, "/other.v1.Tenants/Get"));
  EXPECT_FALSE(may(Role::Admin, ""));
}

TEST(Authorize, KnowsACallerByTheWholeToken) {
  const std::vector<KnownToken> tokens{{{"anna", Role::Admin}, sha256_hex("a token of some length")}};
  EXPECT_EQ(caller_of(tokens, "Bearer a token of some length")->name, "anna");
  EXPECT_FALSE(caller_of(tokens, "Bearer a token of some"));
  EXPECT_FALSE(caller_of(tokens, "Bearer "));
  EXPECT_FALSE(caller_of(tokens, "a token of some length"));
  EXPECT_FALSE(caller_of(tokens, ""));
}

class TokensFile : public testing::Test {
 protected:
  ~TokensFile() override { std::filesystem::remove(path_); }
  Result<std::vector<KnownToken>> load(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
    return load_tokens(path_);
  }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / ("tokens_test_" + hex_of(random_bytes(6)));
};

TEST_F(TokensFile, IsReadWithEveryMistakeNamed) {
  const auto tokens =
      load("[[token]]\nname=\"a\"\nrole=\"king\"\ntoken=\"short\"\n[[token]]\nname=\"b\"\nrole=\"stage\"\n");
  ASSERT_FALSE(tokens);
  EXPECT_THAT(tokens.error().detail, HasSubstr("role"));
  EXPECT_THAT(tokens.error().detail, HasSubstr("at least 20"));
  EXPECT_THAT(tokens.error().detail, HasSubstr("either token or sha256"));
}

TEST_F(TokensFile, IsRefusedWhenOthersCanReadIt) {
  const std::string right = "[[token]]\nname=\"a\"\nrole=\"admin\"\ntoken=\"a token of some length\"\n";
  EXPECT_THAT(load(right, 0640).error().detail, HasSubstr("chmod 600"));
  ASSERT_TRUE(load(right));
  EXPECT_EQ(caller_of(*load(right), "Bearer a token of some length")->role, Role::Admin);
}

}  // namespace
}  // namespace aftercall::control
