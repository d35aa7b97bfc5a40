#include "request.hpp"
#include "rights.hpp"

#include <gmock/gmock.h>

#include "crm/golden.hpp"
#include "crm/json.hpp"
#include "envelope.hpp"
#include "http/url.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string base = "https://contoso.crm4.dynamics.com";
const Sender sender{service_root_of(base), Secret("TOKEN"),
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                    "7c9e6679-7425-40de-944b-e07fc1f90ae7"};
const Instant start = *parse_rfc3339("2026-02-03T09:00:00Z");

std::string shown(const http::Request& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\n");
  return text + "\n" + request.body;
}
void expect(const std::string& name, const std::vector<Operation>& operations) {
  expect_golden(SOURCE_DIR "/connectors/dynamics365/golden/" + name, shown(wrap(operations, sender)));
}
Put note(const std::string& type, const std::string& id, const std::string& key) {
  Put put;
  put.key = key;
  put.target = {type, id, "", ""};
  put.content = {"Q1 \"review\"", "<p>it's 100%\r\n\xC3\xA5 \xF0\x9F\x98\x80</p>", ""};
  return put;
}
Put person(const std::string& name, const std::string& email = "eva@contoso.example",
           const std::string& phone = "") {
  Put put;
  put.kind = ArtifactKind::Contact;
  put.key = "55555555-0000-5000-8000-000000000009";
  put.person = {name, email, phone};
  return put;
}
const std::string anna = "22222222-0000-0000-0000-000000000001";
const std::string contoso = "11111111-0000-0000-0000-000000000001";
const std::string key_1 = "55555555-0000-5000-8000-000000000001";
const std::string key_2 = "55555555-0000-5000-8000-000000000002";

TEST(Request, OneQuestionIsOneGet) {
  expect("look_emails.http",
         queries_for(ContactsByEmail{{"anna@contoso.example", "o'neil+x@contoso.example"}}, true));
}

TEST(Request, AllQuestionsOfASessionAreOneBatch) {
  std::vector<Operation> operations;
  for (const Question& question :
       {Question(ContactsByEmail{{"anna@contoso.example"}}), Question(ContactsByPhone{"+46701234567", "SE"}),
        Question(AppointmentAt{
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0?context=%7b%7d",
            start})})
    for (const auto& query : queries_for(question, true)) operations.push_back(query);
  expect("look_session.http", operations);
}

TEST(Request, ANoteIsCreatedUnderItsKey) {
  expect("put_note.http", {*operation_for(note("contact", anna, key_1))});
}

TEST(Request, NotesOnSeveralRecordsAreOneBatch) {
  expect("put_notes.http",
         {*operation_for(note("contact", anna, key_1)), *operation_for(note("account", contoso, key_2))});
}

TEST(Request, AnUpdateNeverCreates) {
  auto put = note("contact", anna, key_1);
  put.mode = Mode::Update;
  put.id = "{" + key_1 + "}";
  expect("update_note.http", {*operation_for(put)});
}

TEST(Request, AContactIsCreatedUnderItsKey) {
  expect("put_contact.http",
         {*operation_for(person("Eva Maria Lind", "eva@contoso.example", "+46701112233"))});
}

TEST(Request, ProbesAskForEverythingThatWillBeNeeded) {
  std::vector<Operation> operations;
  operations.reserve(every_probe.size());
  for (const auto probe : every_probe) operations.push_back(operation_for(probe, anna));
  expect("describe.http", operations);
}

TEST(Request, EmailsGoInGroupsThatFitAUrl) {
  std::vector<std::string> emails;
  emails.reserve(41);
  for (int i = 0; i < 41; ++i) emails.push_back("p" + std::to_string(i) + "@contoso.example");
  EXPECT_THAT(queries_for(ContactsByEmail{emails}, true), SizeIs(3));
  for (auto& email : emails) email.insert(0, 240, '\xC3');  // three characters for each byte in a URL
  for (const auto& query : queries_for(ContactsByEmail{emails}, true)) EXPECT_LT(query.path.size(), 8'000U);
}

TEST(Request, AUrlTooLongForARequestLineGoesInABatch) {
  Operation operation;
  operation.path = "contacts?$filter=" + std::string(8'000, 'x');
  const auto request = wrap({operation}, sender);
  EXPECT_THAT(request.target, HasSubstr("$batch"));
  EXPECT_THAT(request.body, HasSubstr(operation.path));
}

TEST(Request, WhatCannotBeAnsweredIsNotAsked) {
  EXPECT_THAT(queries_for(ContactsByEmail{{"", ""}}, true), IsEmpty());
  EXPECT_THAT(queries_for(ContactsByPhone{"", "SE"}, true), IsEmpty());
  EXPECT_THAT(queries_for(AppointmentAt{"", start}, true), IsEmpty());
  EXPECT_THAT(queries_for(AppointmentAt{"https://x/" + std::string(600, 'x'), start}, true), IsEmpty());
}

TEST(Request, WithoutTheRightToReadAccountsTheyAreNotAskedFor) {
  EXPECT_EQ(queries_for(ContactsByEmail{{"a@b.example"}}, false).at(0).path.find("$expand"),
            std::string::npos);
}

TEST(Request, WhatCannotBeSentIsRejected) {
  for (const auto* id :
       {"", "x", "22222222-0000-0000-0000-00000000000)", "22222222-0000-0000-0000-0000000000011"}) {
    EXPECT_EQ(operation_for(note("contact", id, key_1)).error().cause, Cause::Rejected) << id;
    EXPECT_EQ(operation_for(note("contact", anna, id)).error().cause, Cause::Rejected) << id;
  }
  EXPECT_EQ(operation_for(note("deal", anna, key_1)).error().cause, Cause::Rejected);
  auto change = person("Eva");
  change.mode = Mode::Update;
  EXPECT_EQ(operation_for(change).error().cause, Cause::Rejected);
}

TEST(Request, AKeyIsSentAsTheWebApiWritesIt) {
  EXPECT_THAT(operation_for(note("contact", "{22222222-0000-0000-0000-00000000000A}", key_1))->body,
              HasSubstr("/contacts(22222222-0000-0000-0000-00000000000a)"));
}

TEST(Request, TheNextPageIsFollowedBelowOurRootOnly) {
  const auto root = service_root_of(base);
  EXPECT_EQ(next_page(root + "contacts?$skiptoken=%3C1", root)->path, "contacts?$skiptoken=%3C1");
  for (const std::string link : {"", "contacts?$skiptoken=1", "https://evil.example/api/data/v9.2/contacts",
                                 "http://contoso.crm4.dynamics.com/api/data/v9.2/x",
                                 "https://contoso.crm4.dynamics.com.evil.example/api/data/v9.2/x",
                                 "https://contoso.crm4.dynamics.com/other",
                                 "https://contoso.crm4.dynamics.com@evil.example/api/data/v9.2/x",
                                 "https://contoso.crm4.dynamics.com:8443/api/data/v9.2/x"})
    EXPECT_FALSE(next_page(link, root)) << link;
}

TEST(Request, TheBoundaryIsNoneOfTheText) {
  auto put = note("contact", anna, key_1);
  put.content.html = "--batch_aftercall and batch_aftercall_1";
  const auto operation = *operation_for(put);
  EXPECT_THAT(wrap({operation, operation}, sender).headers.find("Content-Type").value(),
              HasSubstr("batch_aftercall_2"));
}

TEST(Request, BytesThatAreNoUtf8DoNotStopANote) {
  auto put = note("contact", anna, key_1);
  put.content.html = "a\xFF z";
  EXPECT_THAT(operation_for(put)->body, HasSubstr("a\xEF\xBF\xBD z"));
}

TEST(Request, MuchIsSplit) {
  std::vector<Operation> operations(120, *operation_for(note("contact", anna, key_1)));
  EXPECT_EQ(fitting(operations, 0), 50U);
  EXPECT_EQ(fitting(operations, 100), 20U);
  for (auto& operation : operations) operation.body = std::string(400'000, 'x');
  EXPECT_EQ(fitting(operations, 0), 2U);
  operations[0].body = std::string(4'000'000, 'x');
  EXPECT_EQ(fitting(operations, 0), 1U);
}

TEST(Name, IsSplitIntoFirstAndLast) {
  const auto of = [](const std::string& name) {
    const auto split = name_of(person(name).person);
    return split.first + "|" + split.last;
  };
  EXPECT_EQ(of("Eva Maria Lind"), "Eva Maria|Lind");
  EXPECT_EQ(of("  Eva   Lind "), "Eva|Lind");
  EXPECT_EQ(of("Lind"), "|Lind");
  EXPECT_EQ(of(""), "|eva");
  EXPECT_EQ(name_of(person("", "", "+46701112233").person).last, "+46701112233");
}

TEST(Name, IsCutToItsColumnBetweenLetters) {
  std::string emoji;
  for (int i = 0; i < 30; ++i) emoji += "\xF0\x9F\x98\x80";  // two UTF-16 code units each
  EXPECT_EQ(name_of(person(emoji).person).last.size(), 25U * 4);
  EXPECT_EQ(name_of(person(std::string(60, 'x')).person).last.size(), 50U);
}

TEST(Dump, SaysWhatTheLibraryWouldSay) {
  std::string every;
  for (int byte = 1; byte < 256; ++byte) every += static_cast<char>(byte);
  const Json json = {{"every \"byte\"", every},
                     {"controls", std::string("a\0b\x1f\x7f\b\t\n\f\r", 11)},
                     {"text", "<p>\"Räksmörgås\" \\ 😀</p>\n"},
                     {"cut short", "a\xf0\x9f"},
                     {"empty", {{"", ""}, {"[]", Json::array()}, {"{}", Json::object()}, {"none", nullptr}}},
                     {"rest", {1, -2.5, true, "x", {{"y", 1U}}}}};
  EXPECT_EQ(dump(json), json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
