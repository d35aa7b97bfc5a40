#include "formatter/activity_type.hpp"

#include <algorithm>

#include "render/text.hpp"

namespace aftercall::formatter {
namespace {

// Letters of other alphabets stay as they are: a near miss that is not noticed costs a hint, no more.
std::string folded(std::string_view name) {
  std::string text = render::one_line(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

const ActivityType* first_where(const Capabilities& can, const auto& holds) {
  const auto found = std::find_if(can.activity_types.begin(), can.activity_types.end(), holds);
  return found == can.activity_types.end() ? nullptr : &*found;
}

}  // namespace

const ActivityType* activity_type(const Session& session, const Capabilities& can) {
  return first_where(can, [&](const ActivityType& type) { return type.name == session.conversation_type; });
}

std::string why_no_activity(const Session& session, const Capabilities& can) {
  const std::string wanted = folded(session.conversation_type);
  if (wanted.empty()) return "the session has no conversation type";
  const std::string none =
      "no activity type is called \"" + render::one_line(session.conversation_type) + "\"";
  const auto* const same =
      first_where(can, [&](const ActivityType& type) { return folded(type.name) == wanted; });
  if (same != nullptr) return none + "; \"" + same->name + "\" is, in other letter case or with other spaces";
  const auto* near = first_where(can, [&](const ActivityType& type) {
    const auto name = folded(type.name);
    return !name.empty() && (name.starts_with(wanted) || wanted.starts_with(name));
  });
  if (near == nullptr)
    near = first_where(can, [&](const ActivityType& type) {
      const auto name = folded(type.name);
      return !name.empty() &&
             (name.find(wanted) != std::string::npos || wanted.find(name) != std::string::npos);
    });
  return near == nullptr ? none : none + "; the nearest is \"" + near->name + "\"";
}

}  // namespace aftercall::formatter
