#include "matcher/remembered.hpp"

namespace aftercall::matcher {

const crm::Answer* Remembered::find(const Sight& sight, const std::string& identity, Time now) const {
  const auto found = entries_.find({sight, identity});
  return found == entries_.end() || found->second.until <= now ? nullptr : &found->second.answer;
}

void Remembered::keep(const Sight& sight, const std::string& identity, crm::Answer answer, Time now) {
  if (entries_.size() >= most) make_room(now);
  const auto until = now + (answer.contacts.empty() ? nobody_for : somebody_for);
  entries_.insert_or_assign({sight, identity}, Entry{std::move(answer), until});
}

// Full of what is still good: then everything goes, which costs a look each and happens once in 20,000
// answers.
void Remembered::make_room(Time now) {
  std::erase_if(entries_, [now](const auto& each) { return each.second.until <= now; });
  if (entries_.size() >= most) entries_.clear();
}

}  // namespace aftercall::matcher
