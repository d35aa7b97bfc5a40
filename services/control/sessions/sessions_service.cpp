#include "control/sessions/sessions_service.hpp"

#include <algorithm>

#include "control/sessions/story.hpp"
#include "wire/keys.hpp"

namespace aftercall::control {
namespace {

constexpr int most_sessions = 500;
constexpr int usual_sessions = 50;

bool fits(const std::string& key, const api::SessionRef& wanted) {
  const auto parts = wire::split_key(key);
  if (!parts || parts->size() != 3) return false;
  return (wanted.tenant().empty() || (*parts)[0] == wanted.tenant()) &&
         (wanted.source().empty() || (*parts)[1] == wanted.source()) && (*parts)[2] == wanted.session_id();
}

std::string list_of(const std::vector<std::string>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text;
}

template <class Request, class Response>
std::function<Result<Response>()> asked(const ViewTask& following, Request request,
                                        Result<Response> (*look)(const SessionView&, const Request&)) {
  return [&following, request = std::move(request), look]() -> Result<Response> {
    const auto view = following.view();
    if (!view) return tl::unexpected(view.error());
    return look(**view, request);
  };
}

Result<api::Story> unknown(const api::SessionRef& session) {
  return fail(Cause::NotFound, "no session " + session.session_id() +
                                   " is known: it was not accepted here, or is older than what is kept");
}

}  // namespace

Result<api::Story> find_story(const SessionView& view, const api::SessionRef& session) {
  if (session.session_id().empty()) return fail(Cause::Malformed, "session_id is missing");
  if (!session.tenant().empty() && !session.source().empty()) {  // however many others have this id
    const auto facts =
        view.facts_of(wire::join_key({session.tenant(), session.source(), session.session_id()}));
    return facts.empty() ? unknown(session) : story_of(facts);
  }
  auto keys = view.sessions_with(session.session_id(), most_sessions);
  std::erase_if(keys, [&](const std::string& key) { return !fits(key, session); });
  if (keys.empty()) return unknown(session);
  if (keys.size() > 1)
    return fail(Cause::Rejected,
                "several sessions have this id: name tenant and source of one of " + list_of(keys));
  return story_of(view.facts_of(keys.front()));
}

Result<api::SearchSessionsResponse> search(const SessionView& view,
                                           const api::SearchSessionsRequest& request) {
  const int limit = request.limit() <= 0 ? usual_sessions : std::min(request.limit(), most_sessions);
  auto keys = view.sessions_with(request.id(), most_sessions);
  std::erase_if(keys, [&](const std::string& key) {
    const auto parts = wire::split_key(key);
    return !request.tenant().empty() && (!parts || parts->front() != request.tenant());
  });
  api::SearchSessionsResponse response;
  response.set_more(keys.size() > static_cast<std::size_t>(limit));
  keys.resize(std::min(keys.size(), static_cast<std::size_t>(limit)));
  for (const auto& key : keys) {
    const auto story = story_of(view.facts_of(key));
    auto& summary = *response.add_sessions();
    *summary.mutable_session() = story.session();
    summary.set_title(story.title());
    summary.set_state(story.state());
    summary.set_reason(story.units().empty() ? "" : story.units(0).reason());
    *summary.mutable_accepted_at() = story.accepted_at();
  }
  return response;
}

grpc::Status SessionsService::Get(grpc::ServerContext* context, const api::GetSessionRequest* request,
                                  api::Story* response) {
  return desk_.read<api::Story>(*context, "Sessions/Get", *request, response,
                                asked(following_, request->session(), &find_story));
}

grpc::Status SessionsService::Search(grpc::ServerContext* context, const api::SearchSessionsRequest* request,
                                     api::SearchSessionsResponse* response) {
  return desk_.read<api::SearchSessionsResponse>(*context, "Sessions/Search", *request, response,
                                                 asked(following_, *request, &search));
}

}  // namespace aftercall::control
