#include "crm/connectors/pipedrive/request.hpp"
#include "crm_strict.hpp"

namespace aftercall::test {
namespace {

using namespace crm::pipedrive;
using testing::HasSubstr;

const auto since = *parse_rfc3339("2026-02-03T09:00:00Z");

crm::Put new_activity(Stand& stand) {
  auto put = note_on(stand.world().anna, key_1);
  put.kind = ArtifactKind::Activity;
  put.beside = {{"deal", "52", "", ""}};
  put.occasion = {"discovery_call", since, std::chrono::minutes(45)};
  return put;
}

http::Request whole(Stand& stand, const Operation& operation) {
  return wrap(operation, {stand.connection().url, true, stand.token(), "", ""});
}
http::Request email(Stand& stand, const std::string&) {
  return whole(stand, persons_by_email("o'neil+x@contoso.example"));
}
http::Request phone(Stand& stand, const std::string&) {
  return whole(stand, persons_by_phone("+46855501020", "SE").at(0));
}
http::Request deals(Stand& stand, const std::string&) { return whole(stand, newest_deals_of(9)); }
http::Request note(Stand& stand, const std::string&) {
  return whole(stand, *operation_for(note_on(stand.world().anna, key_1)));
}
http::Request update(Stand& stand, const std::string& note) {
  return whole(stand, *operation_for(update_of(note, "<p>Edited</p>")));
}
http::Request activity(Stand& stand, const std::string&) {
  return whole(stand, *operation_for(new_activity(stand)));
}
http::Request person(Stand& stand, const std::string&) { return whole(stand, *operation_for(eva())); }
http::Request notes(Stand& stand, const std::string&) {
  return whole(stand, *recall_of(note_on(stand.world().anna, key_1), since));
}
http::Request activities(Stand& stand, const std::string&) {
  return whole(stand, *recall_of(new_activity(stand), since));
}
http::Request persons(Stand& stand, const std::string&) { return whole(stand, *recall_of(eva(), since)); }
http::Request types(Stand& stand, const std::string&) { return whole(stand, activity_types()); }

class PipedriveStrict : public Strict {
 protected:
  static void SetUpTestSuite() { start("pipedrive"); }
};
class PipedriveStrictness : public PipedriveStrict, public testing::WithParamInterface<Rule> {};

TEST_P(PipedriveStrictness, IsAcceptedWholeAndRefusedWhenBroken) { expect_refused(GetParam()); }

void emptied(http::Request& request) {
  const auto at = request.body.find("\"content\":\"") + 11;
  request.body.erase(at, request.body.find("</p>\"", at) + 4 - at);
}

const char* const schema = "ERR_SCHEMA_VALIDATION_FAILED";

INSTANTIATE_TEST_SUITE_P(
    EveryRule, PipedriveStrictness,
    testing::Values(
        Rule{"NoToken", email, without("Authorization"), 401, "unauthorized"},
        Rule{"ForeignToken", email, with("Authorization", "Bearer somebody"), 401, "unauthorized"},
        Rule{"BearerAsAnApiToken", email,
             [](http::Request& request) {
               const std::string token(request.headers.find("Authorization")->substr(7));
               request.headers.remove("Authorization");
               request.headers.set("x-api-token", token);
             },
             401, "unauthorized"},
        Rule{"SearchWithoutATerm", email, in_target("term=", "term2="), 400, schema},
        Rule{"SearchInAnUnknownField", email, in_target("fields=email", "fields=emails"), 400, schema},
        Rule{"SearchWhoseFlagIsANumber", email, in_target("exact_match=true", "exact_match=1"), 400, schema},
        Rule{"SearchForOneLetter", phone, in_target("term=855501020", "term=8"), 400, schema},
        Rule{"SearchInVersionOne", email, in_target("/api/v2/", "/api/v1/"), 410, ""},
        Rule{"DealsOfNoNumber", deals, in_target("person_id=9", "person_id=x"), 400, schema},
        Rule{"DealsInAnUnknownOrder", deals, in_target("sort_by=add_time", "sort_by=title"), 400, schema},
        Rule{"DealsInAnOtherDirection", deals, in_target("=desc", "=DESC"), 400, schema},
        Rule{"MoreThanAPage", deals, in_target("limit=", "limit=100"), 400, schema},
        Rule{"UnknownParameter", deals, in_target("limit=", "max="), 400, schema},
        Rule{"NoteInVersionTwo", note, in_target("/api/v1/", "/api/v2/"), 404, ""},
        Rule{"NoteWithoutAPlace", note, in_body("person_id", "persons_id"), 400, "At least one"},
        Rule{"NoteWithoutContent", note, in_body("content", "contents"), 400, ""},
        Rule{"NoteOnAPersonAsText", note, in_body("\"person_id\":9", "\"person_id\":\"x\""), 400, ""},
        Rule{"NoteOnNobody", note, in_body("\"person_id\":9", "\"person_id\":999999"), 404, "Person"},
        Rule{"NoteTooLong", note, in_body("Hello", std::string(100'001, 'x')), 400, "too long"},
        Rule{"NoteWhoseContentIsEmpty", note, emptied, 400, "required"},
        Rule{"NoteThatIsHalf", note, cut_short, 400, ""},
        Rule{"NoteOfAnotherType", note, with("Content-Type", "text/plain"), 415, ""},
        Rule{"UpdateByPatch", update, by("PATCH"), 405, ""},
        Rule{"UpdateOfNothing", update, in_target("/notes/", "/notes/999"), 404, "Note"},
        Rule{"ActivityOfAPersonDirectly", activity,
             in_body("\"participants\":[", "\"person_id\":9,\"participants\":["), 400, "ERR_BAD_REQUEST"},
        Rule{"ActivityOfAnUnknownType", activity, in_body("discovery_call", "demo"), 400, ""},
        Rule{"ActivityOfAPersonAsText", activity, in_body("\"person_id\":9", "\"person_id\":\"9\""), 400,
             schema},
        Rule{"ActivityOnNobody", activity, in_body("\"person_id\":9", "\"person_id\":999999"), 404, ""},
        Rule{"ActivityTooLong", activity, in_body("Hello", std::string(100'001, 'x')), 400, "too long"},
        Rule{"ActivityDoneAsANumber", activity, in_body("\"done\":true", "\"done\":1"), 400, schema},
        Rule{"ActivityDueAtNoTime", activity, in_body("09:00", "9.00"), 400, "due_time"},
        Rule{"ActivityDueOnNoDay", activity, in_body("2026-02-03", "03.02.2026"), 400, "due_date"},
        Rule{"ActivityWithAnUnknownKey", activity, in_body("\"subject\"", "\"title\""), 400, schema},
        Rule{"ActivityInVersionOne", activity, in_target("/api/v2/", "/api/v1/"), 410, ""},
        Rule{"PersonWithPlainEmails", person, in_body("\"emails\":[{", "\"emails\":[\"x\",{"), 400, schema},
        Rule{"PersonWithoutAName", person, in_body("\"name\"", "\"nom\""), 400, schema},
        Rule{"PersonWithTheOldKey", person, in_body("\"emails\"", "\"email\""), 400, schema},
        Rule{"PersonByPut", person, by("PUT"), 405, ""},
        Rule{"NotesSinceAFractionOfASecond", notes, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"NotesInAnUnknownOrder", notes, in_target("sort=add_time", "sort=age"), 400, ""},
        Rule{"ActivitiesSinceAFractionOfASecond", activities, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"PersonsSinceAFractionOfASecond", persons, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"TypesInVersionTwo", types, in_target("/api/v1/", "/api/v2/"), 404, ""},
        Rule{"SignInByAnotherGrant", sign_in, in_body("grant_type=refresh_token", "grant_type=password"), 400,
             ""},
        Rule{"SignInInJson", sign_in, with("Content-Type", "application/json"), 400, "invalid_request"},
        Rule{"SignInWithoutItsApp", sign_in, without("Authorization"), 400, "invalid_client"},
        Rule{"SignInWithAnotherToken", sign_in, in_body("r1", "r2"), 400, "invalid_grant"}),
    name_of_rule);

// Rules whose breach is no refusal: the request does something else, and the connector relies on the
// difference.
using PipedriveReliance = PipedriveStrict;

TEST_F(PipedriveReliance, SendingACreateTwiceLeavesTwo) {
  EXPECT_EQ(send(note(*stand_, note_)).status, 200);
  EXPECT_EQ(send(note(*stand_, note_)).status, 200);
  EXPECT_EQ(stand_->notes().size(), before_.size() + 2);
}

TEST_F(PipedriveReliance, AReferenceInACommentIsLost) {
  auto request = note(*stand_, note_);
  replace(request.body, "<p>Ref:", "<!-- Ref:");
  replace(request.body, "0001</p>", "0001 -->");
  ASSERT_EQ(send(request).status, 200);
  EXPECT_TRUE(stand_->recall(note_on(stand_->world().anna, key_1))->found.empty());
}

TEST_F(PipedriveReliance, TheSearchLagsBehindTheList) {
  ASSERT_EQ(send(person(*stand_, note_)).status, 200);
  EXPECT_THAT(send(whole(*stand_, persons_by_email("eva.lind@fabrikam.example"))).body,
              HasSubstr("\"items\":[]"));
  EXPECT_THAT(send(persons(*stand_, note_)).body, HasSubstr("eva.lind@fabrikam.example"));
}

}  // namespace
}  // namespace aftercall::test
