#include "crm/connectors/dynamics365/envelope.hpp"
#include "crm/connectors/dynamics365/request.hpp"
#include "crm/connectors/dynamics365/rights.hpp"
#include "crm_strict.hpp"

namespace aftercall::test {
namespace {

using namespace crm::dynamics365;
using testing::HasSubstr;
using testing::SizeIs;

http::Request whole(Stand& stand, const std::vector<Operation>& operations) {
  return wrap(operations, {service_root_of(stand.connection().url), stand.token(), "", ""});
}
http::Request query(Stand& stand, const std::string&) {
  return whole(stand, queries_for(crm::ContactsByEmail{{"o'neil@contoso.example"}}, true));
}
http::Request appointments(Stand& stand, const std::string&) {
  const auto start = *parse_rfc3339("2026-02-03T09:00:00Z");
  return whole(stand, queries_for(crm::AppointmentAt{stand.world().join_url, start}, true));
}
http::Request note(Stand& stand, const std::string&) {
  return whole(stand, {*operation_for(note_on(stand.world().anna, key_1))});
}
http::Request update(Stand& stand, const std::string& note) {
  return whole(stand, {*operation_for(update_of(note, "<p>Edited</p>"))});
}
http::Request contact(Stand& stand, const std::string&) { return whole(stand, {*operation_for(eva())}); }
http::Request batch(Stand& stand, const std::string&) {
  return whole(stand, {*operation_for(note_on(stand.world().anna, key_1)),
                       *operation_for(note_on(stand.world().contoso, key_2))});
}
http::Request reads(Stand& stand, const std::string&) {
  auto operations = queries_for(crm::ContactsByEmail{{"o'neil@contoso.example"}}, true);
  operations.push_back(who_am_i());
  return whole(stand, operations);
}
http::Request who(Stand& stand, const std::string&) { return whole(stand, {who_am_i()}); }
http::Request privileges(Stand& stand, const std::string&) {
  return whole(stand, {operation_for(Probe::Privileges, "00000000-0000-0000-0000-0000000000a1")});
}
http::Request length(Stand& stand, const std::string&) {
  return whole(stand, {operation_for(Probe::Text, "")});
}

class Dynamics365Strict : public Strict {
 protected:
  static void SetUpTestSuite() { start("dynamics365"); }
};
class Dynamics365Strictness : public Dynamics365Strict, public testing::WithParamInterface<Rule> {};

TEST_P(Dynamics365Strictness, IsAcceptedWholeAndRefusedWhenBroken) { expect_refused(GetParam()); }

// Without Prefer the batch is answered as its first refused part is.
void too_long_a_part(http::Request& request) {
  replace(request.body, "neil", std::string(66'000, 'x'));
  without("Prefer")(request);
}
void a_thousand_parts_more(http::Request& request) {
  const auto part = request.body.substr(0, request.body.find("--batch_aftercall", 2));
  std::string parts;
  for (int i = 0; i < 1'000; ++i) parts += part;
  request.body.insert(0, parts);
}
void too_large(http::Request& request) { replace(request.body, "Hello", std::string(33UL << 20U, 'x')); }

const std::string anna = "22222222-0000-0000-0000-000000000001";
const std::string too_long(501, 'x');
const std::string too_long_a_note(100'001, 'x');

INSTANTIATE_TEST_SUITE_P(
    EveryRule, Dynamics365Strictness,
    testing::Values(
        Rule{"NoToken", query, without("Authorization"), 401, ""},
        Rule{"ForeignToken", query, with("Authorization", "Bearer somebody"), 401, ""},
        Rule{"QuoteInALiteralNotDoubled", query, in_target("%27%27", "%27"), 400, "nterminated literal"},
        Rule{"ColumnInOtherLetterCase", query, in_target("fullname", "Fullname"), 400, "'Fullname' on type"},
        Rule{"ColumnUnknownInAFilter", query, in_target("emailaddress1%20eq", "email%20eq"), 400,
             "'email' on type"},
        Rule{"ColumnUnknownInAnOrder", query, in_target("=createdon", "=created"), 400, "'created'"},
        Rule{"TableInOtherLetterCase", query, in_target("/contacts?", "/Contacts?"), 404, "0x8006088a"},
        Rule{"NavigationThatIsNone", query, in_target("parentcustomerid_account", "parentcustomerid"), 400,
             ""},
        Rule{"OptionInOtherLetterCase", query, in_target("$filter", "$Filter"), 400, "not supported"},
        Rule{"OptionThatTheWebApiLacks", query, in_target("?$select", "?$skip=1&$select"), 400,
             "not supported"},
        Rule{"OperatorUnknown", query, in_target("%20eq%20", "%20is%20"), 400, ""},
        Rule{"PageSizeThatIsNone", query, with("Prefer", "odata.maxpagesize=0"), 400, "maxpagesize"},
        Rule{"DateWithoutItsZone", appointments, in_target("Z%20and", "%20and"), 400, ""},
        Rule{"FunctionByAnotherVerb", who, by("POST"), 404, "No HTTP resource"},
        Rule{"PrivilegesWithoutTheirAlias", privileges, in_target("?@names=", "?@name="), 400, ""},
        Rule{"MetadataOfAnotherKind", length, in_target("MemoAttribute", "StringAttribute"), 404, ""},
        Rule{"MetadataOfAnUnknownColumn", length, in_target("'notetext'", "'notestext'"), 404, ""},
        Rule{"MetadataOfAnUnknownTable", length, in_target("'annotation'", "'note'"), 404, ""},
        Rule{"NumberComparedWithAText", appointments, in_target("ne%202", "ne%20%272%27"), 400,
             "incompatible types"},
        Rule{"NoContentType", note, without("Content-Type"), 415, ""},
        Rule{"HalfAJson", note, cut_short, 400, "0x80048d19"},
        Rule{"NavigationOfNotesThatIsNone", note, in_body("objectid_contact@", "objectid@"), 400,
             "undeclared property"},
        Rule{"NavigationToAnotherTable", note, in_body("objectid_contact@", "objectid_account@"), 400, ""},
        Rule{"LookupWrittenAsAValue", note, in_body("objectid_contact@odata.bind", "_objectid_value"), 400,
             "read-only"},
        Rule{"PropertyInOtherLetterCase", note, in_body("notetext", "NoteText"), 400, "0x80048d19"},
        Rule{"PropertyTwice", note, in_body("\"notetext\"", "\"subject\""), 400, "0x80048d19"},
        Rule{"TargetThatIsNotThere", note, in_body(anna, "99999999-0000-0000-0000-000000000009"), 404,
             "0x80040217"},
        Rule{"TargetWithoutAKey", note, in_body(anna, "anna"), 400, ""},
        Rule{"TargetThatIsNoReference", note, in_body("/contacts(", "/contacts/("), 400,
             "no resource reference"},
        Rule{"TargetInATableThatIsNone", note, in_body("/contacts(", "/persons("), 404, "0x8006088a"},
        Rule{"NumberForAText", note, in_body("\"Q1 review\"", "5"), 400, "expected type 'Edm.String'"},
        Rule{"TextLongerThanItsColumn", note, in_body("Q1 review", too_long), 400, "0x80044331"},
        Rule{"NoteLongerThanItsColumn", note, in_body("Hello", too_long_a_note), 400, "'notetext' attribute"},
        Rule{"CharacterThatXmlCannotHold", note, in_body("Q1 review", "Q1\\u0001review"), 400, "0x80040278"},
        Rule{"BodyTooLarge", note, too_large, 413, ""},
        Rule{"AddressTooLongInABatch", reads, too_long_a_part, 414, "in the batch is too long"},
        Rule{"MoreThanAThousandParts", batch, a_thousand_parts_more, 400, "exceeds the maximum of 1000"},
        Rule{"KeyThatIsNoGuid", note, in_target(key_1, "note-1"), 400, ""},
        Rule{"KeyThatExists", note, in_target(key_1, key_3), 412, "0x80040237"},
        Rule{"UpdateOfNothing", update, in_target(key_3, key_2), 404, "Does Not Exist"},
        Rule{"ContactsColumnUnknown", contact, in_body("mobilephone", "mobile"), 400, "0x80048d19"},
        Rule{"BareLineFeeds", batch, in_body("\r\n", "\n"), 400, "0x80048d19"},
        Rule{"BatchWithoutItsEnd", batch, in_body("--batch_aftercall--\r\n", ""), 400, "0x80048d19"},
        Rule{"BatchUnderAnotherBoundary", batch, with("Content-Type", "multipart/mixed; boundary=other"), 400,
             "0x80048d19"},
        Rule{"BatchThatIsNoMultipart", batch, with("Content-Type", "application/json"), 400, "0x80048d19"},
        Rule{"PartOfAnotherType", batch, in_body("application/http", "text/plain"), 400, "0x80048d19"},
        Rule{"PartWithoutItsEncoding", batch, in_body("Content-Transfer-Encoding: binary\r\n", ""), 400,
             "0x80048d19"},
        Rule{"PartWithoutItsVersion", batch, in_body(" HTTP/1.1", ""), 400, "0x80048d19"},
        Rule{"BatchInABatch", batch, in_body("/annotations(" + std::string(key_1) + ")", "/$batch"), 400,
             "0x80048d19"},
        Rule{"SignInWithoutAScope", sign_in, in_body("&scope=", "&space="), 400, ""},
        Rule{"SignInByAnotherGrant", sign_in, in_body("client_credentials", "password"), 400, ""},
        Rule{"SignInWithAWrongSecret", sign_in, in_body("client_secret=ok", "client_secret=ko"), 401,
             "7000215"},
        Rule{"SignInToAnotherTenant", sign_in, in_target("/t1/", "/t9/"), 400, "90002"},
        Rule{"SignInOfAnotherApp", sign_in, in_body("client_id=app1", "client_id=app9"), 400, "700016"},
        Rule{"SignInWithoutASecret", sign_in, in_body("client_secret=", "client_word="), 401, "7000218"},
        Rule{"SignInInJson", sign_in, with("Content-Type", "application/json"), 400, "900144"},
        Rule{"SignInByGet", sign_in, by("GET"), 400, "900144"},
        Rule{"SignInForAnotherAddress", sign_in, in_body("org%2F.default", "other%2F.default"), 400, ""}),
    name_of_rule);

// Rules whose breach is no refusal: the request does something else, and the connector relies on the
// difference.
using Dynamics365Reliance = Dynamics365Strict;

TEST_F(Dynamics365Reliance, AJoinUrlWhosePercentSignsAreNotEncodedFindsNothing) {
  EXPECT_THAT(send(appointments(*stand_, note_)).body, HasSubstr("Q1 review"));
  auto request = appointments(*stand_, note_);
  replace(request.target, "%253a", "%3a");
  EXPECT_THAT(send(request).body, HasSubstr("\"value\":[]"));
}

TEST_F(Dynamics365Reliance, WithoutContinueOnErrorTheFirstFailureStopsABatch) {
  const auto fails = [](http::Request request) {
    request.body.replace(request.body.find("Q1 review"), 9, too_long);
    return request;
  };
  auto request = fails(batch(*stand_, note_));
  request.headers.remove("Prefer");
  EXPECT_EQ(send(request).status, 400);
  EXPECT_EQ(stand_->notes(), before_);
  EXPECT_EQ(send(fails(batch(*stand_, note_))).status, 200);
  EXPECT_THAT(stand_->notes(), SizeIs(before_.size() + 1));
}

TEST_F(Dynamics365Reliance, WithoutIfNoneMatchACreateOverwrites) {
  auto request = note(*stand_, note_);
  replace(request.target, key_1, key_3);
  request.headers.remove("If-None-Match");
  EXPECT_EQ(send(request).status, 204);
}

TEST_F(Dynamics365Reliance, WithoutIfMatchAnUpdateBringsADeletedNoteBack) {
  auto request = update(*stand_, note_);
  replace(request.target, key_3, key_2);
  request.headers.remove("If-Match");
  EXPECT_EQ(send(request).status, 204);
  EXPECT_THAT(stand_->notes(), SizeIs(before_.size() + 1));
}

}  // namespace
}  // namespace aftercall::test
