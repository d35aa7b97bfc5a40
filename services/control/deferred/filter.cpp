#include "control/deferred/filter.hpp"

#include <algorithm>

#include "wire/keys.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

constexpr int usual_items = 100;
constexpr int most_items = 1000;
constexpr std::string_view in_doubt_elsewhere = "in_doubt";  // as logs and metrics write it

bool names_kind(const std::string& word, Kind kind) {
  return word == word_of(kind) || (kind == Kind::InDoubt && word == in_doubt_elsewhere);
}

bool same_session(const api::SessionRef& wanted, const std::string& key) {
  if (wanted.tenant().empty() && wanted.source().empty() && wanted.session_id().empty()) return true;
  const auto parts = wire::split_key(key);
  if (!parts || parts->size() != 3) return false;
  return (wanted.tenant().empty() || wanted.tenant() == (*parts)[0]) &&
         (wanted.source().empty() || wanted.source() == (*parts)[1]) &&
         (wanted.session_id().empty() || wanted.session_id() == (*parts)[2]);
}

api::DeferredItem item_of(const Deferral& deferral) {
  api::DeferredItem item;
  item.set_key(deferral.key);
  if (const auto parts = wire::split_key(deferral.session); parts && parts->size() == 3) {
    item.mutable_session()->set_tenant((*parts)[0]);
    item.mutable_session()->set_source((*parts)[1]);
    item.mutable_session()->set_session_id((*parts)[2]);
  }
  item.set_crm_account(deferral.unit.str());
  item.set_stage(deferral.stage);
  item.set_kind(word_of(deferral.kind));
  item.set_cause(deferral.cause);
  item.set_detail(deferral.detail);
  wire::write_time(*item.mutable_deferred_at(), deferral.deferred_at);
  if (deferral.not_before) wire::write_time(*item.mutable_not_before(), *deferral.not_before);
  item.set_attempt(deferral.attempt);
  item.set_tries(deferral.tries);
  item.set_origin(deferral.origin.topic + "/" + std::to_string(deferral.origin.partition) + "/" +
                  std::to_string(deferral.origin.offset));
  return item;
}

}  // namespace

std::string word_of(Kind kind) {
  return kind == Kind::InDoubt ? std::string("in doubt") : std::string(name_of(kind));
}

bool is_empty(const api::DeferredFilter& filter) {
  return filter.ByteSizeLong() == 0 || (filter.ByteSizeLong() == 2 && filter.has_session());
}

Result<void> check(const api::DeferredFilter& filter) {
  if (filter.kind().empty()) return {};
  for (const Kind kind : {Kind::Transient, Kind::InDoubt, Kind::Blocked, Kind::Permanent})
    if (names_kind(filter.kind(), kind)) return {};
  return fail(Cause::Malformed, "there is no such kind: it is waiting, in doubt, blocked or dead");
}

bool fits(const api::DeferredFilter& filter, const Deferral& deferral) {
  const auto same = [](const std::string& wanted, const std::string& found) {
    return wanted.empty() || wanted == found;
  };
  const bool named = filter.keys().empty() || std::find(filter.keys().begin(), filter.keys().end(),
                                                        deferral.key) != filter.keys().end();
  return named && same(filter.tenant(), deferral.tenant.str()) &&
         same(filter.crm_account(), deferral.unit.str()) && same(filter.stage(), deferral.stage) &&
         (filter.kind().empty() || names_kind(filter.kind(), deferral.kind)) &&
         same(filter.cause(), deferral.cause) && same_session(filter.session(), deferral.session);
}

api::ListDeferredResponse list(const Deferrals& deferrals, const api::ListDeferredRequest& request) {
  const int limit = request.limit() <= 0 ? usual_items : std::min(request.limit(), most_items);
  api::ListDeferredResponse response;
  deferrals.each(request.after(), [&](const Deferral& deferral) {
    if (!fits(request.filter(), deferral)) return true;
    response.set_more(response.items_size() == limit);
    if (!response.more()) *response.add_items() = item_of(deferral);
    return !response.more();
  });
  return response;
}

std::vector<std::string> keys_of(const Deferrals& deferrals, const api::DeferredFilter& filter) {
  std::vector<std::string> keys;
  deferrals.each("", [&](const Deferral& deferral) {
    if (fits(filter, deferral)) keys.push_back(deferral.key);
    return true;
  });
  return keys;
}

}  // namespace aftercall::control
