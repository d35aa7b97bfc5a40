#include "pace.hpp"

#include <algorithm>
#include <charconv>

#include "refusal.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds window{2};
constexpr std::size_t untold = 1'000'000;      // no plan allows so many
constexpr std::size_t searches_a_window = 10;  // on every plan, for every token
constexpr std::string_view searches_are_used_up = "Pipedrive's limit for searches is reached";
constexpr std::chrono::minutes shut_out_for{10};
constexpr int plain_refusals = 2;  // after more, it is not the burst limit that refuses
constexpr int most_windows =
    30;  // of rest, a minute, where nothing tells how long a burst is to be waited out

// The budget comes back at midnight of a clock that the vendor does not name. Wherever that clock is, it then
// is a quarter of an hour, and nearly everywhere a whole one. An empty budget is looked at at each quarter,
// for somebody may buy more; but a look at one that is left to others is taken from them.
constexpr std::chrono::minutes empty_is_looked_at_each{15};
constexpr std::chrono::minutes share_is_looked_at_each{60};
constexpr std::chrono::seconds after_the_stroke{5};

std::optional<std::int64_t> number_in(const http::Headers& headers, std::string_view name) {
  const auto field = headers.find(name);
  if (!field) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), number);
  if (error != std::errc() || end != field->data() + field->size() || number < 0) return std::nullopt;
  return number;
}

// Seconds that are left, not a point in time.
std::optional<milliseconds> reset_of(const http::Headers& headers) {
  const auto seconds = number_in(headers, "x-ratelimit-reset");
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 1, 60));
}

bool budget_is_gone(const http::Headers& headers) {
  return number_in(headers, "x-daily-ratelimit-token-remaining") == 0;
}

// Until the vendor's own clock has struck.
milliseconds until_a_look(const http::Headers& headers, std::chrono::minutes each) {
  const auto date = http::date_of(headers);
  const auto gone = date ? date->time_since_epoch() % milliseconds(each) : milliseconds(0);
  return each - gone + after_the_stroke;
}

milliseconds until(Pace::Moment then, Pace::Moment now) {
  return std::chrono::ceil<milliseconds>(then - now);
}

}  // namespace

Pace::Pace(int daily_share) : daily_share_(daily_share), burst_{untold}, search_{searches_a_window} {}

void Pace::Window::forget(Moment now) {
  while (!sent.empty() && sent.front() + window <= now) sent.pop_front();
}

std::optional<milliseconds> Pace::Window::full(Moment now) {
  if (now < shut_until) return until(shut_until, now);
  forget(now);
  if (sent.size() < trusted) return std::nullopt;
  return until(sent[sent.size() - trusted] + window, now);
}

// Each goes out as early as it may and is answered by the next.
Pace::Moment Pace::Window::free_after(std::size_t others, Moment from) const {
  auto at = std::max(from, shut_until);
  auto future = *this;
  while (true) {
    future.forget(at);
    const auto& gone = future.sent;
    if (gone.size() >= future.trusted) at = std::max(at, gone[gone.size() - future.trusted] + window);
    if (others-- == 0) return at;
    future.sent.push_back(at);
    future.trusted = std::min(future.trusted + 1, future.most);
  }
}

void Pace::Window::heed(const http::Headers& headers, std::size_t allowed, bool refused, Moment now) {
  const auto limit = number_in(headers, "x-ratelimit-limit");
  if (limit && *limit > 0) most = std::min(static_cast<std::size_t>(*limit), allowed);
  trusted = std::min(refused ? 1 : trusted + 1, most);
  const auto left = number_in(headers, "x-ratelimit-remaining");
  if (!left) return;
  forget(now);  // other processes use the token, too: what they took is neither among ours nor left
  trusted = std::clamp<std::size_t>(sent.size() + static_cast<std::size_t>(*left), 1, trusted);
  if (*left != 0) return;
  if (const auto reset = reset_of(headers)) shut_until = std::max(shut_until, now + *reset);
}

std::optional<Pace::Wait> Pace::take(const Operation& operation, Moment now) {
  if (now < rest_until_) return Wait{until(rest_until_, now), resting_};
  if (const auto full = burst_.full(now)) return Wait{*full, "Pipedrive's burst limit is reached"};
  if (operation.search)
    if (const auto full = search_.full(now)) return Wait{*full, searches_are_used_up};
  burst_.sent.push_back(now);
  if (operation.search) search_.sent.push_back(now);
  return std::nullopt;
}

Pace::Wait Pace::foresee_search(std::size_t others, Moment now) const {
  const auto at = search_.free_after(others, std::max(now, rest_until_));
  return {until(at, now), now < rest_until_ ? resting_ : searches_are_used_up};
}

void Pace::heed(const Operation& operation, const http::Response& answer, Moment now) {
  const bool refused = answer.status == 429;
  // Requests that were under way together are refused together, which is one refusal.
  if (!refused)
    refusals_ = 0;
  else if (refusals_ == 0 || now >= refused_until_)
    ++refusals_;
  auto& window_of_it = operation.search ? search_ : burst_;
  window_of_it.heed(answer.headers, operation.search ? searches_a_window : untold, refused, now);
  heed_budget(answer.headers, now);
  if (!refused && !shut_out(answer)) return;
  const auto time = rest_of(operation, answer);
  refused_until_ = std::max(refused_until_, now + time);
  if (time <= window && operation.search)
    search_.shut_until = std::max(search_.shut_until, now + time);
  else
    rest(time, "Pipedrive asked us to wait", now);
}

void Pace::rest(milliseconds time, std::string_view why, Moment now) {
  burst_.trusted = 1;
  if (now + time <= rest_until_) return;
  rest_until_ = now + time;
  resting_ = why;
}

// Seen, though not documented, and sometimes missing: then nothing is known, and 429 tells in the end.
void Pace::heed_budget(const http::Headers& headers, Moment now) {
  const auto limit = number_in(headers, "x-daily-ratelimit-token-limit");
  const auto left = number_in(headers, "x-daily-ratelimit-token-remaining");
  constexpr std::int64_t most = 1'000'000'000'000;
  if (!limit || !left || *limit == 0 || *limit > most || *left > most) return;
  if (*left * 100 > *limit * (100 - daily_share_)) return;
  rest(until_a_look(headers, *left == 0 ? empty_is_looked_at_each : share_is_looked_at_each),
       "the company's daily budget at Pipedrive is used up to the share that this connection may use", now);
}

milliseconds Pace::rest_of(const Operation& operation, const http::Response& answer) const {
  if (const auto told = http::retry_after(answer.headers))
    return std::max<milliseconds>(*told, std::chrono::seconds(1));
  if (answer.status != 429) return shut_out_for;
  if (budget_is_gone(answer.headers)) return until_a_look(answer.headers, empty_is_looked_at_each);
  const auto reset = reset_of(answer.headers);
  if (reset && number_in(answer.headers, "x-ratelimit-remaining") == 0) return *reset;
  // Where the answer tells that the day would bear it, it was a burst, however often: of somebody else under
  // our token, or of another window than the one whose headers it bears.
  const auto left = number_in(answer.headers, "x-daily-ratelimit-token-remaining");
  const bool day_bears_it = left && *left >= operation.tokens;
  if (refusals_ > plain_refusals && !day_bears_it)
    return until_a_look(answer.headers, empty_is_looked_at_each);
  return reset.value_or(window * std::min(refusals_, most_windows));
}

milliseconds Pace::rest_after(const Operation& operation, const http::Response& answer, Moment now) const {
  auto last = std::max(rest_until_, burst_.shut_until);
  if (operation.search) last = std::max(last, search_.shut_until);
  return std::max(until(last, now), rest_of(operation, answer));
}

}  // namespace aftercall::crm::pipedrive
