#include "matcher/unfinished.hpp"

#include <utility>

namespace aftercall::matcher {

std::optional<Unfinished::Told> Unfinished::take(const Unit& unit, Time now) {
  auto found = entries_.extract(unit);
  if (!found) return std::nullopt;
  answers_ -= found.mapped().told.contacts.size();
  if (found.mapped().until <= now) return std::nullopt;
  return std::move(found.mapped().told);
}

void Unfinished::keep(const Unit& unit, Told told, Time now) {
  std::erase_if(told.contacts, [](const auto& each) { return !each.second; });
  take(unit, now);
  if (told.contacts.empty()) return;
  make_room(told.contacts.size(), now);
  answers_ += told.contacts.size();
  entries_.emplace(unit, Entry{std::move(told), now + kept_for});
}

// Full of what is still good: then everything goes, which costs a look each.
void Unfinished::make_room(std::size_t answers, Time now) {
  if (answers_ + answers <= most) return;
  std::erase_if(entries_, [&](const auto& each) {
    if (each.second.until > now) return false;
    answers_ -= each.second.told.contacts.size();
    return true;
  });
  if (answers_ + answers <= most) return;
  entries_.clear();
  answers_ = 0;
}

}  // namespace aftercall::matcher
