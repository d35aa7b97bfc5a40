// The connector's own requests, each broken in one place and sent as they are: what the simulator does not
// refuse, the contract suite does not prove.
#include <functional>
#include <ostream>

#include "crm/connectors/dynamics365/envelope.hpp"
#include "crm/connectors/dynamics365/request.hpp"
#include "crm/connectors/dynamics365/rights.hpp"
#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using namespace crm::dynamics365;
using testing::HasSubstr;
using testing::SizeIs;

using Break = std::function<void(http::Request&)>;

// Every occurrence, so that a rule is broken wherever the request keeps it.
void replace(std::string& text, const std::string& what, const std::string& with) {
  bool found = false;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
    found = true;
  }
  if (!found) throw std::runtime_error("the request does not hold " + what);
}
Break in_target(std::string what, std::string with) {
  return [=](http::Request& request) { replace(request.target, what, with); };
}
Break in_body(std::string what, std::string with) {
  return [=](http::Request& request) { replace(request.body, what, with); };
}
Break without(std::string header) {
  return [=](http::Request& request) {
    if (request.headers.count(header) == 0) throw std::runtime_error("the request has no " + header);
    request.headers.remove(header);
  };
}
Break with(std::string header, std::string value) {
  return [=](http::Request& request) { request.headers.set(header, value); };
}

enum class What { Query, Appointments, Note, Update, Contact, Batch, WhoAmI, Privileges, Length, SignIn };
struct Rule {
  const char* name;
  What what;
  Break broken;
  int status;
  const char* says;
};
void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class Strict : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto* const world = world_of("dynamics365");
    sandbox_ = std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world->file});
    stand_ = std::make_unique<Stand>(*crm::find("dynamics365"), *world, sandbox_->address());
  }
  static void TearDownTestSuite() {
    stand_.reset();
    sandbox_.reset();
  }
  void SetUp() override {
    stand_->control("POST", "reset");
    ASSERT_TRUE(stand_->put_one(note_on(stand_->world().anna, key_3)));
    before_ = stand_->notes();
  }
  static http::Request whole(const std::vector<Operation>& operations) {
    return wrap(operations, {service_root_of(stand_->connection().url), stand_->token(), "", ""});
  }
  static http::Request built(What what) {
    const auto& world = stand_->world();
    const crm::Question people = crm::ContactsByEmail{{"o'neil@contoso.example"}};
    const crm::Question meeting = crm::AppointmentAt{world.join_url, *parse_rfc3339("2026-02-03T09:00:00Z")};
    crm::Put person;
    person.kind = ArtifactKind::Contact;
    person.key = key_1;
    person.person = {"Eva Lind", "eva@contoso.example", "+46701112233"};
    const auto op = [](const crm::Put& put) { return *operation_for(put); };
    switch (what) {
      case What::Query:
        return whole(queries_for(people, true));
      case What::Appointments:
        return whole(queries_for(meeting, true));
      case What::Note:
        return whole({op(note_on(world.anna, key_1))});
      case What::Update:
        return whole({op(update_of(key_3, "<p>Edited</p>"))});
      case What::Contact:
        return whole({op(person)});
      case What::Batch:
        return whole({op(note_on(world.anna, key_1)), op(note_on(world.contoso, key_2))});
      case What::WhoAmI:
        return whole({who_am_i()});
      case What::Privileges:
        return whole({operation_for(Probe::Privileges, "00000000-0000-0000-0000-0000000000a1")});
      case What::Length:
        return whole({operation_for(Probe::Text, "")});
      case What::SignIn:
        return std::get<http::Request>(
            crm::find("dynamics365")->token_request(stand_->connection(), world.credentials).value());
    }
    return {};
  }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  static inline std::unique_ptr<Stand> stand_;
  std::vector<SeenNote> before_;
};

class Strictness : public Strict, public testing::WithParamInterface<Rule> {};

TEST_P(Strictness, IsAcceptedWholeAndRefusedWhenBroken) {
  const auto& rule = GetParam();
  auto request = built(rule.what);
  rule.broken(request);
  const auto refused = stand_->send(request);
  EXPECT_EQ(refused.status, rule.status) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr(rule.says));
  EXPECT_EQ(stand_->notes(), before_) << "a refused request changed something";
  const auto accepted = stand_->send(built(rule.what));
  EXPECT_THAT(accepted.status, testing::AnyOf(200, 204)) << accepted.body;
  EXPECT_EQ(accepted.body.find("HTTP/1.1 4"), std::string::npos) << accepted.body;
}

const std::string anna = "22222222-0000-0000-0000-000000000001";
const std::string too_long(501, 'x');

INSTANTIATE_TEST_SUITE_P(
    EveryRule, Strictness,
    testing::Values(
        Rule{"NoToken", What::Query, without("Authorization"), 401, ""},
        Rule{"ForeignToken", What::Query, with("Authorization", "Bearer somebody"), 401, ""},
        Rule{"QuoteInALiteralNotDoubled", What::Query, in_target("%27%27", "%27"), 400,
             "nterminated literal"},
        Rule{"ColumnInOtherLetterCase", What::Query, in_target("fullname", "Fullname"), 400,
             "'Fullname' on type"},
        Rule{"ColumnUnknownInAFilter", What::Query, in_target("emailaddress1%20eq", "email%20eq"), 400,
             "'email' on type"},
        Rule{"ColumnUnknownInAnOrder", What::Query, in_target("=createdon", "=created"), 400, "'created'"},
        Rule{"TableInOtherLetterCase", What::Query, in_target("/contacts?", "/Contacts?"), 404, "0x8006088a"},
        Rule{"NavigationThatIsNone", What::Query, in_target("parentcustomerid_account", "parentcustomerid"),
             400, ""},
        Rule{"OptionInOtherLetterCase", What::Query, in_target("$filter", "$Filter"), 400, "not supported"},
        Rule{"OptionThatTheWebApiLacks", What::Query, in_target("?$select", "?$skip=1&$select"), 400,
             "not supported"},
        Rule{"OperatorUnknown", What::Query, in_target("%20eq%20", "%20is%20"), 400, ""},
        Rule{"PageSizeThatIsNone", What::Query, with("Prefer", "odata.maxpagesize=0"), 400, "maxpagesize"},
        Rule{"DateWithoutItsZone", What::Appointments, in_target("Z%20and", "%20and"), 400, ""},
        Rule{"FunctionByAnotherVerb", What::WhoAmI, [](http::Request& r) { r.method = "POST"; }, 404,
             "No HTTP resource"},
        Rule{"PrivilegesWithoutTheirAlias", What::Privileges, in_target("?@names=", "?@name="), 400, ""},
        Rule{"MetadataOfAnotherKind", What::Length, in_target("MemoAttribute", "StringAttribute"), 404, ""},
        Rule{"MetadataOfAnUnknownColumn", What::Length, in_target("'notetext'", "'notestext'"), 404, ""},
        Rule{"NoContentType", What::Note, without("Content-Type"), 415, ""},
        Rule{"HalfAJson", What::Note, [](http::Request& r) { r.body.pop_back(); }, 400, "0x80048d19"},
        Rule{"NavigationOfNotesThatIsNone", What::Note, in_body("objectid_contact@", "objectid@"), 400,
             "undeclared property"},
        Rule{"NavigationToAnotherTable", What::Note, in_body("objectid_contact@", "objectid_account@"), 400,
             ""},
        Rule{"LookupWrittenAsAValue", What::Note, in_body("objectid_contact@odata.bind", "_objectid_value"),
             400, "read-only"},
        Rule{"PropertyInOtherLetterCase", What::Note, in_body("notetext", "NoteText"), 400, "0x80048d19"},
        Rule{"PropertyTwice", What::Note, in_body("\"notetext\"", "\"subject\""), 400, "0x80048d19"},
        Rule{"TargetThatIsNotThere", What::Note, in_body(anna, "99999999-0000-0000-0000-000000000009"), 404,
             "0x80040217"},
        Rule{"TargetWithoutAKey", What::Note, in_body(anna, "anna"), 400, ""},
        Rule{"TextLongerThanItsColumn", What::Note, in_body("Q1 review", too_long), 400, "0x80044331"},
        Rule{"KeyThatIsNoGuid", What::Note, in_target(key_1, "note-1"), 400, ""},
        Rule{"KeyThatExists", What::Note, in_target(key_1, key_3), 412, "0x80040237"},
        Rule{"UpdateOfNothing", What::Update, in_target(key_3, key_2), 404, "Does Not Exist"},
        Rule{"ContactsColumnUnknown", What::Contact, in_body("mobilephone", "mobile"), 400, "0x80048d19"},
        Rule{"BareLineFeeds", What::Batch, in_body("\r\n", "\n"), 400, "0x80048d19"},
        Rule{"BatchWithoutItsEnd", What::Batch, in_body("--batch_aftercall--\r\n", ""), 400, "0x80048d19"},
        Rule{"BatchUnderAnotherBoundary", What::Batch,
             with("Content-Type", "multipart/mixed; boundary=other"), 400, "0x80048d19"},
        Rule{"BatchThatIsNoMultipart", What::Batch, with("Content-Type", "application/json"), 400,
             "0x80048d19"},
        Rule{"PartOfAnotherType", What::Batch, in_body("application/http", "text/plain"), 400, "0x80048d19"},
        Rule{"PartWithoutItsEncoding", What::Batch, in_body("Content-Transfer-Encoding: binary\r\n", ""), 400,
             "0x80048d19"},
        Rule{"PartWithoutItsVersion", What::Batch, in_body(" HTTP/1.1", ""), 400, "0x80048d19"},
        Rule{"BatchInABatch", What::Batch, in_body("/annotations(" + std::string(key_1) + ")", "/$batch"),
             400, "0x80048d19"},
        Rule{"SignInWithoutAScope", What::SignIn, in_body("&scope=", "&space="), 400, ""},
        Rule{"SignInByAnotherGrant", What::SignIn, in_body("client_credentials", "password"), 400, ""},
        Rule{"SignInWithAWrongSecret", What::SignIn, in_body("client_secret=ok", "client_secret=ko"), 401,
             "7000215"},
        Rule{"SignInForAnotherAddress", What::SignIn, in_body("org%2F.default", "other%2F.default"), 400,
             ""}),
    [](const auto& rule) { return std::string(rule.param.name); });

// Rules whose breach is no refusal: the request does something else, and the connector relies on the
// difference.
using Reliance = Strict;

TEST_F(Reliance, AJoinUrlWhosePercentSignsAreNotEncodedFindsNothing) {
  EXPECT_THAT(stand_->send(built(What::Appointments)).body, HasSubstr("Q1 review"));
  auto request = built(What::Appointments);
  replace(request.target, "%253a", "%3a");
  EXPECT_THAT(stand_->send(request).body, HasSubstr("\"value\":[]"));
}

TEST_F(Reliance, WithoutContinueOnErrorTheFirstFailureStopsABatch) {
  const auto fails = [](http::Request request) {
    request.body.replace(request.body.find("Q1 review"), 9, too_long);
    return request;
  };
  auto request = fails(built(What::Batch));
  request.headers.remove("Prefer");
  EXPECT_EQ(stand_->send(request).status, 400);
  EXPECT_EQ(stand_->notes(), before_);
  EXPECT_EQ(stand_->send(fails(built(What::Batch))).status, 200);
  EXPECT_THAT(stand_->notes(), SizeIs(before_.size() + 1));
}

TEST_F(Reliance, WithoutIfNoneMatchACreateOverwrites) {
  auto request = built(What::Note);
  replace(request.target, key_1, key_3);
  request.headers.remove("If-None-Match");
  EXPECT_EQ(stand_->send(request).status, 204);
}

TEST_F(Reliance, WithoutIfMatchAnUpdateBringsADeletedNoteBack) {
  auto request = built(What::Update);
  replace(request.target, key_3, key_2);
  request.headers.remove("If-Match");
  EXPECT_EQ(stand_->send(request).status, 204);
  EXPECT_THAT(stand_->notes(), SizeIs(before_.size() + 1));
}

}  // namespace
}  // namespace aftercall::test
