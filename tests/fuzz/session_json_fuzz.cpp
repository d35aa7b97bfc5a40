#include "domain/utf8.hpp"
#include "ingest/read_json.hpp"
#include "ingest/receive.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "wire/envelope.hpp"
#include "wire/json.hpp"

namespace aftercall::fuzz {

Subject subject() {
  return {
      .samples =
          {R"({"session_id":"1","revision":7,"channel":"meeting","direction":"inbound","title":"private"})",
           R"([{"session_id":"1","revision":"2","started_at":"2026-02-03T09:00:00.5+01:00",)"
           R"("participants":[{"name":"private","email":"private","phone":"070-123 45 67","role":"guest"}]}])",
           R"({"session_id":"\u00e5\ud83d\ude00","revision":1,"summary":{"text":"private","format":"html"},)"
           R"("transcript":[{"speaker":"private","at":"2026-02-03T09:00:00Z","text":"private\n"}],)"
           R"("handoff":{"reason":"private"},"properties":{"a":"private"},"join_url":"https://x/private"})",
           R"({"a":[[[[1.5e3,-0,9223372036854775808,null,true]]]],"a":{}})", "[[[[[[[[", "\"\\ud800\"",
           "\xEF\xBB\xBF{}", "{\"a\":\"\xED\xA0\x80\"}"},
      .words = {"{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"",
                "\\",
                "\\u0000",
                "\\ud83d",
                "\xFF",
                "null",
                "1e999",
                "-",
                "private",
                "\"session_id\":",
                "\"participants\":",
                R"("tenant":"x")",
                "\"revision\":-1",
                "[[[[[[[[[[[[[[[["},
      .longest = 4096,
      .iterations = 100'000};
}

namespace {

void try_json(std::string_view input) {
  const auto json = ingest::read_json(input);
  if (!json) {
    require(json.error().rule.find("private") == std::string::npos, "a rule never repeats a value");
    return;
  }
  require(valid_utf8(input), "what is read is UTF-8");
  const std::string text = canonical(*json);
  const auto again = ingest::read_json(text);
  require(again.has_value() && canonical(*again) == text, "canonical JSON reads as itself");
}

void try_session(std::string_view input) {
  Source source;
  source.tenant = TenantId("acme");
  source.id = SourceId("meetings");
  source.revisions = Revisions::Number;
  http::Request request;
  request.headers.add("Content-Type", "application/json");
  request.body = std::string(input);
  const Instant now = instant_of(1'770'112'800'000);
  const auto accepted = ingest::receive(request, {source, "SE", "sessions", now, ""});
  if (!accepted) {
    require(!accepted.error().wrongs.empty(), "a refusal names what is wrong");
    for (const auto& each : accepted.error().wrongs.all)
      require(each.rule.find("private") == std::string::npos, "a rule never repeats a value");
    require(valid_utf8(response_of(accepted.error()).body), "an answer is UTF-8");
    return;
  }
  for (const auto& each : *accepted) {
    require(each.draft.key.starts_with("acme/meetings/") && each.draft.value.has_value(),
            "a record has key and value");
    require(wire::envelope_of(each.draft.headers).has_value(), "a record has an envelope");
  }
}

}  // namespace

void try_with(std::string_view input) {
  try_json(input);
  try_session(input);
}

}  // namespace aftercall::fuzz
