#include "cli/deferred_text.hpp"

#include <utility>

#include "cli/table.hpp"
#include "wire/time.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;

constexpr std::size_t longest_detail = 100;  // the whole is in --json, and in the session's story

std::string time_text(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 120L * 60) return std::to_string(seconds / 60) + " min";
  if (seconds < 48L * 3600) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " d";
}

std::string due_text(const v1::DeferredItem& item, Instant now) {
  if (item.kind() == "blocked") return "when its cause ends";
  if (item.kind() == "dead") return "when you say so";
  const auto due = wire::read_time(item.not_before());
  if (!item.has_not_before() || !due || *due <= now) return "now";
  return "in " + time_text(*due - now);
}

std::string session_text(const v1::SessionRef& session) {
  if (session.session_id().empty()) return "-";
  return session.tenant() + "/" + session.source() + "/" + session.session_id();
}

std::string cut(const std::string& text) {
  if (text.size() <= longest_detail) return text;
  auto end = longest_detail;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string deferred_text(const v1::ListDeferredResponse& response, Instant now) {
  if (response.items().empty()) return "nothing waits\n";
  std::vector<Row> rows{{"state", "cause", "stage", "session", "account", "due", "tries", "detail", "key"}};
  for (const auto& item : response.items())
    rows.push_back({item.kind(), item.cause(), item.stage(), session_text(item.session()),
                    item.crm_account().empty() ? "-" : item.crm_account(), due_text(item, now),
                    std::to_string(item.tries()), cut(item.detail()), item.key()});
  std::string text = table_text(rows, Align::Left);
  text += "\n" + std::to_string(response.items_size()) + (response.more() ? " of more" : "") + " shown\n";
  return text;
}

std::string release_text(const v1::ReleaseResponse& response, bool dry_run) {
  if (dry_run) return std::to_string(response.queued()) + " would be released; nothing was\n";
  if (response.released() + response.queued() == 0) return "nothing that waits fits; nothing was released\n";
  std::string text = std::to_string(response.released()) + " released";
  if (response.queued() > 0)
    text += ", " + std::to_string(response.queued()) + " will be as their accounts' turn comes";
  return text + "\n";
}

std::string discard_text(const v1::DiscardResponse& response, bool dry_run) {
  if (dry_run) return std::to_string(response.queued()) + " would be discarded; nothing was\n";
  if (response.discarded() + response.queued() == 0)
    return "nothing that waits fits; nothing was discarded\n";
  std::string text = std::to_string(response.discarded()) + " discarded";
  if (response.queued() > 0) text += ", " + std::to_string(response.queued()) + " will be soon";
  return text + "\n";
}

}  // namespace aftercall::cli
