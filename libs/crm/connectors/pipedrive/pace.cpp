#include "pace.hpp"

#include <algorithm>
#include <charconv>

#include "refusal.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t searches_a_window = 10;  // on every plan, for every token
constexpr std::chrono::seconds window{2};
constexpr std::chrono::minutes shut_out_for{10};
// The budget comes back at midnight of a clock that the vendor does not name, so that it is tried each hour.
constexpr std::chrono::hours until_a_probe{1};
constexpr int plain_refusals = 2;  // after more, it is not the burst limit that refuses

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

milliseconds until(Pace::Moment then, Pace::Moment now) {
  return std::chrono::ceil<milliseconds>(then - now);
}

}  // namespace

std::optional<Pace::Wait> Pace::take(const Operation& operation, Moment now) {
  if (now < rest_until_) return Wait{until(rest_until_, now), resting_};
  if (now < burst_until_) return Wait{until(burst_until_, now), "Pipedrive's burst limit is reached"};
  if (!operation.search) return std::nullopt;
  if (now < search_until_)
    return Wait{until(search_until_, now), "Pipedrive's limit for searches is reached"};
  while (!searches_.empty() && searches_.front() + window <= now) searches_.pop_front();
  if (searches_.size() >= searches_a_window)
    return Wait{until(searches_.front() + window, now), "Pipedrive takes ten searches in two seconds"};
  searches_.push_back(now);
  return std::nullopt;
}

void Pace::heed(const Operation& operation, const http::Response& answer, Moment now) {
  const bool refused = answer.status == 429;
  // Requests that were under way together are refused together, which is one refusal.
  if (!refused)
    refusals_ = 0;
  else if (refusals_ == 0 || now >= refused_until_)
    ++refusals_;
  heed_budget(answer.headers, now);
  auto& gate = operation.search ? search_until_ : burst_until_;
  if (number_in(answer.headers, "x-ratelimit-remaining") == 0)
    if (const auto reset = reset_of(answer.headers)) gate = std::max(gate, now + *reset);
  if (!refused && !shut_out(answer)) return;
  const auto rest = rest_of(answer);
  refused_until_ = std::max(refused_until_, now + rest);
  if (rest <= window && operation.search) {
    gate = std::max(gate, now + rest);
    return;
  }
  if (now + rest <= rest_until_) return;
  rest_until_ = now + rest;
  resting_ = "Pipedrive asked us to wait";
}

// Seen, though not documented, and sometimes missing: then nothing is known, and 429 tells in the end.
void Pace::heed_budget(const http::Headers& headers, Moment now) {
  const auto limit = number_in(headers, "x-daily-ratelimit-token-limit");
  const auto left = number_in(headers, "x-daily-ratelimit-token-remaining");
  constexpr std::int64_t most = 1'000'000'000'000;
  if (!limit || !left || *limit == 0 || *limit > most || *left > most) return;
  if (*left * 100 > *limit * (100 - daily_share_)) return;
  rest_until_ = std::max(rest_until_, now + until_a_probe);
  resting_ = "the company's daily budget at Pipedrive is used up to the share that this connection may use";
}

std::chrono::milliseconds Pace::rest_of(const http::Response& answer) const {
  if (const auto told = http::retry_after(answer.headers))
    return std::max<milliseconds>(*told, std::chrono::seconds(1));
  if (answer.status != 429) return shut_out_for;
  if (budget_is_gone(answer.headers)) return until_a_probe;
  const auto reset = reset_of(answer.headers);
  if (reset && number_in(answer.headers, "x-ratelimit-remaining") == 0) return *reset;
  if (refusals_ > plain_refusals) return until_a_probe;
  return reset.value_or(window * refusals_);
}

std::chrono::milliseconds Pace::rest_after(const Operation& operation, const http::Response& answer,
                                           Moment now) const {
  auto last = std::max(rest_until_, burst_until_);
  if (operation.search) last = std::max(last, search_until_);
  return std::max(until(last, now), rest_of(answer));
}

}  // namespace aftercall::crm::pipedrive
