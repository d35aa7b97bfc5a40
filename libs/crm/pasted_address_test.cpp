#include "crm/pasted_address.hpp"

#include <array>

#include <gmock/gmock.h>

namespace aftercall::crm {
namespace {

using testing::HasSubstr;

// A vendor whose accounts are <name>.crm.example, also written <name>.api.crm.example.
std::optional<std::string> host_of(std::string_view host) {
  if (host == "acme.crm.example" || host == "acme.api.crm.example") return "acme.crm.example";
  return std::nullopt;
}
std::string advice(std::string_view host) { return host == "crm.example" ? "the vendor's own site; " : ""; }
constexpr std::array<std::string_view, 2> pages{"/api/", "/person/"};
constexpr AccountHosts hosts{"a company", "https://acme.crm.example", host_of, advice, pages};

std::string base(std::string_view pasted, AddressRules rules = {}) {
  return base_url_in(pasted, rules, hosts).value_or("refused");
}

TEST(PastedAddress, IsFoundWhateverStandsAroundIt) {
  for (const auto* const pasted :
       {"acme.crm.example", "https://acme.crm.example", "http://acme.crm.example/",
        "HTTPS://ACME.Crm.Example", " \t<https://acme.crm.example>\r\n", "'acme.crm.example'",
        "\"acme.crm.example\"", "acme.crm.example:443", "http://acme.crm.example:80",
        "https://acme.api.crm.example/x", "https://acme.crm.example/a b/{1}?x=|&y=%zz#\xC3\xA5"})
    EXPECT_EQ(base(pasted), "https://acme.crm.example") << pasted;
}

TEST(PastedAddress, OfAnotherHostIsRefused) {
  for (const auto* const pasted :
       {"https://evil.example", "https://evil.example/acme.crm.example",
        "https://evil.example?acme.crm.example", "https://evil.example#acme.crm.example",
        "https://acme.crm.example.evil.example", "https://evilacme.crm.example", "//acme.crm.example",
        "https:acme.crm.example", "ftp://acme.crm.example", "javascript://acme.crm.example",
        "file:///acme.crm.example"})
    EXPECT_EQ(base(pasted), "refused") << pasted;
}

TEST(PastedAddress, WhoseHostReadersDisagreeOnIsRefused) {
  for (const auto* const pasted :
       {// a user before it
        "https://acme.crm.example@evil.example", "https://evil.example\\@acme.crm.example",
        "https://user@acme.crm.example", "https://user:pw@acme.crm.example", "https://@acme.crm.example",
        // a port
        "https://acme.crm.example:8443", "https://acme.crm.example:80", "http://acme.crm.example:8080",
        "https://acme.crm.example:0", "https://acme.crm.example:99999", "https://acme.crm.example:443x",
        // a dot at its end, or two in it
        "https://acme.crm.example.", "https://acme..crm.example", "https://.acme.crm.example",
        // not in ASCII, or made to look like it
        "https://\xC3\xA5"
        "cme.crm.example",
        "https://acme\xE3\x80\x82"
        "crm.example",
        "https://xn--cme-xla.crm.example",
        "https://\xE2\x85\xB0"
        "cme.crm.example",
        // escapes
        "https://acme%2ecrm.example", "https://acme.crm.example%2f@evil.example",
        "https://acme.crm.example%00.evil.example", "https://%61cme.crm.example",
        // line ends and tabs within
        "https://acme.crm.example\r\nHost: evil.example", "https://ac\tme.crm.example",
        "https://acme.crm.example evil.example"})
    EXPECT_EQ(base(pasted), "refused") << pasted;
  EXPECT_EQ(base(std::string_view("acme.crm.example\0.evil.example", 30)), "refused");
}

TEST(PastedAddress, ThatIsANumberIsRefused) {
  for (const auto* const pasted :
       {"https://10.0.0.1", "https://169.254.169.254/latest/meta-data", "https://127.0.0.1", "http://127.1",
        "http://2130706433", "http://0x7f000001", "https://[::1]", "https://[::ffff:127.0.0.1]",
        "https://[fe80::1%25eth0]", "https://[fd00::1]:443/", "https://0.0.0.0"})
    EXPECT_EQ(base(pasted), "refused") << pasted;
}

TEST(PastedAddress, OfThisMachineNeedsTheDevelopersSetting) {
  const AddressRules developer{.allow_loopback = true};
  for (const std::string origin :
       {"http://127.0.0.1:8410", "http://localhost:8410", "http://[::1]:8410", "https://127.0.0.1"}) {
    EXPECT_EQ(base(origin + "/companies/acme"), "refused") << origin;
    EXPECT_EQ(base(origin + "/companies/acme/api/v1?x", developer), origin + "/companies/acme");
    EXPECT_EQ(base(origin + "/companies/acme/person/7/", developer), origin + "/companies/acme");
    EXPECT_EQ(base(origin + "/", developer), origin);
  }
  EXPECT_EQ(base("localhost:8410/x", developer), "https://localhost:8410/x");
}

TEST(PastedAddress, TheDevelopersSettingOpensNothingBeyondThisMachine) {
  const AddressRules developer{.allow_loopback = true};
  for (const auto* const pasted :
       {"http://10.0.0.1/companies/acme", "http://169.254.169.254", "http://localhost.evil.example",
        "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "http://user@127.0.0.1",
        "http://[::ffff:10.0.0.1]", "http://[fe80::1]", "http://evil.example/127.0.0.1", "ftp://127.0.0.1"})
    EXPECT_EQ(base(pasted, developer), "refused") << pasted;
  EXPECT_EQ(base("acme.crm.example", developer), "https://acme.crm.example");
}

TEST(PastedAddress, SaysWhatIsWrong) {
  EXPECT_EQ(base_url_in(" <> ", {}, hosts).error().detail, "no address was given");
  EXPECT_EQ(base_url_in("a b", {}, hosts).error().cause, Cause::Malformed);
  const auto site = base_url_in("https://crm.example/pricing", {}, hosts);
  EXPECT_EQ(site.error().cause, Cause::Rejected);
  EXPECT_EQ(site.error().detail,
            "crm.example is no address of a company: the vendor's own site; expected something like "
            "https://acme.crm.example");
}

TEST(AccountName, IsTheFirstPartOfItsHostOrTheLastOfItsPath) {
  EXPECT_EQ(account_name_in("https://acme.crm.example", hosts), "acme");
  EXPECT_EQ(account_name_in("http://127.0.0.1:8410/companies/borg", hosts), "borg");
  EXPECT_EQ(account_name_in("http://127.0.0.1:8410", hosts), "127.0.0.1:8410");
  EXPECT_EQ(account_name_in("no address", hosts), "no address");
}

}  // namespace
}  // namespace aftercall::crm
