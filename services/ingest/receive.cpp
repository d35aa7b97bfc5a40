#include "ingest/receive.hpp"

#include <algorithm>

#include "identity/phone.hpp"
#include "ingest/read_json.hpp"
#include "policy/digest.hpp"
#include "policy/keys.hpp"
#include "policy/revision.hpp"
#include "wire/envelope.hpp"
#include "wire/json.hpp"
#include "wire/keys.hpp"
#include "wire/session_finished.hpp"
#include "wire/session_json.hpp"
#include "wire/topics.hpp"

namespace aftercall::ingest {
namespace {

using wire::Json;

// One element of the request: what it says and where it stands.
struct Element {
  const Json& json;
  std::string pointer;
};

std::vector<Element> elements_of(const Json& body) {
  std::vector<Element> elements;
  if (const auto* array = body.as<Json::Array>()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      elements.push_back({(*array)[i], wire::pointer_to("", i)});
  } else {
    elements.push_back({body, ""});
  }
  return elements;
}

std::vector<std::string> read_phones(const std::vector<std::string>& given, const std::string& region) {
  std::vector<std::string> read;
  read.reserve(given.size());
  for (const auto& each :
       given)  // one that cannot be read leaves its participant without a match, nothing else
    read.push_back(each.empty() ? "" : identity::to_e164(each, region).value_or(""));
  return read;
}

// The rule of the source that the walk cannot know. A field that is wrong in itself is named already.
Revision revision_of(const wire::Told& told, const std::string& hash, const Element& element,
                     const Terms& terms, wire::Wrongs& wrongs) {
  const auto revision =
      aftercall::revision_of(terms.source.revisions, {told.revision, told.updated_at, terms.now, hash});
  if (revision) return *revision;
  const std::string_view detail = revision.error().detail;  // "/revision: …"
  const std::string pointer = element.pointer + std::string(detail.substr(0, detail.find(": ")));
  const bool named = std::any_of(wrongs.all.begin(), wrongs.all.end(),
                                 [&](const wire::Wrong& each) { return each.pointer == pointer; });
  if (!named) wrongs.add({pointer, std::string(detail.substr(detail.find(": ") + 2))});
  return {};
}

Draft draft_of(std::string id, const SessionKey& key, const Terms& terms, std::string value) {
  wire::Envelope envelope;
  envelope.id = std::move(id);
  envelope.type = wire::topic::session_finished;
  envelope.source = "/ingest";
  envelope.time = terms.now;
  envelope.subject = wire::key_of(key);
  envelope.traceparent = terms.traceparent;
  envelope.tenant = key.tenant;
  return {terms.topic, envelope.subject, std::move(value), headers_of(envelope)};
}

Accepted accept(const Element& element, const Terms& terms, wire::Wrongs& wrongs) {
  const Source& source = terms.source;
  wire::v1::Session session = wire::read_session(element.json, element.pointer, terms.now, wrongs);
  const wire::Told told = wire::told_by(session);
  const std::string hash = sha256_hex(canonical(element.json));
  const Revision revision = revision_of(told, hash, element, terms, wrongs);
  if (!wrongs.empty()) return {};
  const SessionKey key{source.tenant, source.id, SessionId(told.session_id)};
  std::string id = accepted_event_id(key, revision);
  const wire::Acceptance acceptance{source.tenant, source.id, terms.now, hash,
                                    read_phones(told.phones, terms.region)};
  Draft draft = draft_of(id, key, terms, wire::session_finished(std::move(session), acceptance));
  return {std::move(id), key.session, std::move(draft)};
}

wire::Wrongs wrong_number(std::size_t elements) {
  wire::Wrongs wrongs;
  if (elements == 0) wrongs.add({"", "must have at least 1 session"});
  if (elements > most_sessions)
    wrongs.add({"", "must have at most " + std::to_string(most_sessions) + " sessions", true});
  return wrongs;
}

}  // namespace

std::optional<Problem> wrong_form(const http::Headers& headers) {
  if (http::media_type(headers) != "application/json") return problem::wrong_media_type();
  if (headers.find("Content-Encoding")) return problem::encoded_body();
  return std::nullopt;
}

tl::expected<std::vector<Accepted>, Problem> receive(const http::Request& request, const Terms& terms) {
  if (auto wrong = wrong_form(request.headers)) return tl::unexpected(std::move(*wrong));
  const auto body = read_json(request.body);
  if (!body) return tl::unexpected(problem::not_json(body.error()));
  const auto elements = elements_of(*body);
  wire::Wrongs wrongs = wrong_number(elements.size());
  std::vector<Accepted> accepted;
  if (wrongs.empty())
    for (const auto& each : elements) accepted.push_back(accept(each, terms, wrongs));
  if (!wrongs.empty()) return tl::unexpected(problem::wrong_fields(std::move(wrongs)));
  return accepted;
}

http::Response accepted_response(const std::vector<Accepted>& accepted) {
  Json::Array list;
  for (const auto& each : accepted)
    list.emplace_back(Json::Object{{"event_id", each.event_id}, {"session_id", each.session.str()}});
  http::Response response;
  response.status = 202;
  response.headers.add("Content-Type", "application/json");
  response.body = canonical(Json::Object{{"accepted", std::move(list)}});
  return response;
}

}  // namespace aftercall::ingest
