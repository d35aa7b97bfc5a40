// The connector's own requests, each broken in one place and sent as they are: what the simulator does not
// refuse, the contract suite does not prove.
#include <functional>
#include <ostream>

#include "crm/connectors/pipedrive/request.hpp"
#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using namespace crm::pipedrive;
using testing::HasSubstr;

using Break = std::function<void(http::Request&)>;

void replace(std::string& text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("the request does not hold " + what);
  text.replace(at, what.size(), with);
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
Break by(std::string method) {
  return [=](http::Request& request) { request.method = method; };
}

enum class What {
  Email,
  Phone,
  Deals,
  Note,
  Update,
  Activity,
  Person,
  Notes,
  Activities,
  Persons,
  Types,
  SignIn
};
struct Rule {
  const char* name;
  What what;
  Break broken;
  int status;
  const char* says;
};
void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class PipedriveStrict : public testing::TestWithParam<Rule> {
 protected:
  static void SetUpTestSuite() {
    const auto* const world = world_of("pipedrive");
    sandbox_ = std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world->file});
    stand_ = std::make_unique<Stand>(*crm::find("pipedrive"), *world, sandbox_->address());
  }
  static void TearDownTestSuite() {
    stand_.reset();
    sandbox_.reset();
  }
  void SetUp() override {
    stand_->control("POST", "reset");
    const auto written = stand_->put_one(note_on(stand_->world().anna, key_3));
    ASSERT_TRUE(written);
    note_ = written->id;
    before_ = stand_->notes();
  }
  static http::Request whole(const Operation& operation) {
    return wrap(operation, {stand_->connection().url, true, stand_->token(), "", ""});
  }
  http::Request built(What what) const {
    const auto& world = stand_->world();
    const auto since = *parse_rfc3339("2026-02-03T09:00:00Z");
    const auto note = note_on(world.anna, key_1);
    auto activity = note;
    activity.kind = ArtifactKind::Activity;
    activity.beside = {{"deal", "52", "", ""}};
    activity.occasion = {"discovery_call", since, std::chrono::minutes(45)};
    crm::Put person;
    person.kind = ArtifactKind::Contact;
    person.key = key_1;
    person.person.name = "Eva Lind";
    person.person.email = "eva@contoso.example";
    person.person.phone = "+46701112233";
    switch (what) {
      case What::Email:
        return whole(persons_by_email("o'neil+x@contoso.example"));
      case What::Phone:
        return whole(persons_by_phone("+46855501020", "SE").at(0));
      case What::Deals:
        return whole(newest_deals_of(9));
      case What::Note:
        return whole(*operation_for(note));
      case What::Update:
        return whole(*operation_for(update_of(note_, "<p>Edited</p>")));
      case What::Activity:
        return whole(*operation_for(activity));
      case What::Person:
        return whole(*operation_for(person));
      case What::Notes:
        return whole(*recall_of(note, since));
      case What::Activities:
        return whole(*recall_of(activity, since));
      case What::Persons:
        return whole(*recall_of(person, since));
      case What::Types:
        return whole(activity_types());
      case What::SignIn:
        return std::get<http::Request>(
            crm::find("pipedrive")->token_request(stand_->connection(), world.credentials).value());
    }
    return {};
  }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  static inline std::unique_ptr<Stand> stand_;
  std::string note_;
  std::vector<SeenNote> before_;
};

TEST_P(PipedriveStrict, IsAcceptedWholeAndRefusedWhenBroken) {
  const auto& rule = GetParam();
  auto request = built(rule.what);
  rule.broken(request);
  const auto refused = stand_->send(request);
  EXPECT_EQ(refused.status, rule.status) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr(rule.says));
  EXPECT_EQ(stand_->notes(), before_) << "a refused request changed something";
  const auto accepted = stand_->send(built(rule.what));
  EXPECT_EQ(accepted.status, 200) << accepted.body;
}

const char* const schema = "ERR_SCHEMA_VALIDATION_FAILED";

INSTANTIATE_TEST_SUITE_P(
    EveryRule, PipedriveStrict,
    testing::Values(
        Rule{"NoToken", What::Email, without("Authorization"), 401, "unauthorized"},
        Rule{"ForeignToken", What::Email, with("Authorization", "Bearer somebody"), 401, "unauthorized"},
        Rule{"BearerAsAnApiToken", What::Email,
             [](http::Request& request) {
               const std::string token(request.headers.find("Authorization")->substr(7));
               request.headers.remove("Authorization");
               request.headers.set("x-api-token", token);
             },
             401, "unauthorized"},
        Rule{"SearchWithoutATerm", What::Email, in_target("term=", "term2="), 400, schema},
        Rule{"SearchInAnUnknownField", What::Email, in_target("fields=email", "fields=emails"), 400, schema},
        Rule{"SearchWhoseFlagIsANumber", What::Email, in_target("exact_match=true", "exact_match=1"), 400,
             schema},
        Rule{"SearchForOneLetter", What::Phone, in_target("term=855501020", "term=8"), 400, schema},
        Rule{"SearchInVersionOne", What::Email, in_target("/api/v2/", "/api/v1/"), 410, ""},
        Rule{"DealsOfNoNumber", What::Deals, in_target("person_id=9", "person_id=x"), 400, schema},
        Rule{"DealsInAnUnknownOrder", What::Deals, in_target("sort_by=add_time", "sort_by=title"), 400,
             schema},
        Rule{"DealsInAnOtherDirection", What::Deals, in_target("=desc", "=DESC"), 400, schema},
        Rule{"UnknownParameter", What::Deals, in_target("limit=", "max="), 400, schema},
        Rule{"NoteInVersionTwo", What::Note, in_target("/api/v1/", "/api/v2/"), 404, ""},
        Rule{"NoteWithoutAPlace", What::Note, in_body("person_id", "persons_id"), 400, "At least one"},
        Rule{"NoteWithoutContent", What::Note, in_body("content", "contents"), 400, ""},
        Rule{"NoteOnAPersonAsText", What::Note, in_body("\"person_id\":9", "\"person_id\":\"x\""), 400, ""},
        Rule{"NoteOnNobody", What::Note, in_body("\"person_id\":9", "\"person_id\":999999"), 404, "Person"},
        Rule{"NoteThatIsHalf", What::Note, [](http::Request& request) { request.body.pop_back(); }, 400, ""},
        Rule{"NoteOfAnotherType", What::Note, with("Content-Type", "text/plain"), 415, ""},
        Rule{"UpdateByPatch", What::Update, by("PATCH"), 405, ""},
        Rule{"UpdateOfNothing", What::Update, in_target("/notes/", "/notes/999"), 404, "Note"},
        Rule{"ActivityOfAPersonDirectly", What::Activity,
             in_body("\"participants\":[", "\"person_id\":9,\"participants\":["), 400, "ERR_BAD_REQUEST"},
        Rule{"ActivityOfAnUnknownType", What::Activity, in_body("discovery_call", "demo"), 400, ""},
        Rule{"ActivityOfAPersonAsText", What::Activity, in_body("\"person_id\":9", "\"person_id\":\"9\""),
             400, schema},
        Rule{"ActivityDoneAsANumber", What::Activity, in_body("\"done\":true", "\"done\":1"), 400, schema},
        Rule{"ActivityDueAtNoTime", What::Activity, in_body("09:00", "9.00"), 400, "due_time"},
        Rule{"ActivityDueOnNoDay", What::Activity, in_body("2026-02-03", "03.02.2026"), 400, "due_date"},
        Rule{"ActivityWithAnUnknownKey", What::Activity, in_body("\"subject\"", "\"title\""), 400, schema},
        Rule{"ActivityInVersionOne", What::Activity, in_target("/api/v2/", "/api/v1/"), 410, ""},
        Rule{"PersonWithPlainEmails", What::Person, in_body("\"emails\":[{", "\"emails\":[\"x\",{"), 400,
             schema},
        Rule{"PersonWithTheOldKey", What::Person, in_body("\"emails\"", "\"email\""), 400, schema},
        Rule{"PersonByPut", What::Person, by("PUT"), 405, ""},
        Rule{"NotesSinceAFractionOfASecond", What::Notes, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"NotesInAnUnknownOrder", What::Notes, in_target("sort=add_time", "sort=age"), 400, ""},
        Rule{"ActivitiesSinceAFractionOfASecond", What::Activities, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"PersonsSinceAFractionOfASecond", What::Persons, in_target("00Z", "00.5Z"), 400, schema},
        Rule{"TypesInVersionTwo", What::Types, in_target("/api/v1/", "/api/v2/"), 404, ""},
        Rule{"SignInByAnotherGrant", What::SignIn, in_body("grant_type=refresh_token", "grant_type=password"),
             400, ""},
        Rule{"SignInWithoutItsApp", What::SignIn, without("Authorization"), 400, "invalid_client"},
        Rule{"SignInWithAnotherToken", What::SignIn, in_body("r1", "r2"), 400, "invalid_grant"}),
    [](const auto& rule) { return std::string(rule.param.name); });

// Rules whose breach is no refusal: the request does something else, and the connector relies on the
// difference.
class PipedriveReliance : public PipedriveStrict {};
INSTANTIATE_TEST_SUITE_P(Once, PipedriveReliance,
                         testing::Values(Rule{"", What::Note, with("a", "b"), 200, ""}));

TEST_P(PipedriveReliance, SendingACreateTwiceLeavesTwo) {
  EXPECT_EQ(stand_->send(built(What::Note)).status, 200);
  EXPECT_EQ(stand_->send(built(What::Note)).status, 200);
  EXPECT_EQ(stand_->notes().size(), before_.size() + 2);
}

TEST_P(PipedriveReliance, AReferenceInACommentIsLost) {
  auto request = built(What::Note);
  replace(request.body, "<p>Ref:", "<!-- Ref:");
  replace(request.body, "0001</p>", "0001 -->");
  ASSERT_EQ(stand_->send(request).status, 200);
  EXPECT_TRUE(stand_->recall(note_on(stand_->world().anna, key_1))->found.empty());
}

TEST_P(PipedriveReliance, TheSearchLagsBehindTheList) {
  ASSERT_EQ(stand_->send(built(What::Person)).status, 200);
  EXPECT_THAT(stand_->send(whole(persons_by_email("eva@contoso.example"))).body, HasSubstr("\"items\":[]"));
  EXPECT_THAT(stand_->send(built(What::Persons)).body, HasSubstr("eva@contoso.example"));
}

}  // namespace
}  // namespace aftercall::test
