#include "wire/carry_over.hpp"

#include <algorithm>
#include <vector>

namespace aftercall::wire {
namespace {

std::vector<const v1::CrmRecord*> records_of(const v1::ContactMatched& message) {
  std::vector<const v1::CrmRecord*> all;
  for (const auto& each : message.participants()) {
    if (each.has_contact()) all.push_back(&each.contact());
    if (each.has_account()) all.push_back(&each.account());
    for (const auto& other : each.also()) all.push_back(&other);
  }
  if (message.has_appointment()) all.push_back(&message.appointment());
  if (message.has_deal()) all.push_back(&message.deal());
  return all;
}

void carry_over(const std::vector<const v1::CrmRecord*>& from, v1::Target& to) {
  if (!to.has_record()) return;
  const auto same = std::find_if(from.begin(), from.end(), [&](const v1::CrmRecord* each) {
    return each->id() == to.record().id() && each->type() == to.record().type();
  });
  if (same != from.end()) *to.mutable_record() = **same;
}

}  // namespace

void carry_over(const v1::ContactMatched& from, v1::NoteReady& to) {
  const auto records = records_of(from);
  for (auto& artifact : *to.mutable_artifacts()) {
    if (artifact.has_target()) carry_over(records, *artifact.mutable_target());
    for (auto& each : *artifact.mutable_beside()) carry_over(records, each);
  }
  for (auto& left_out : *to.mutable_left_out()) {
    const auto same = std::find_if(from.left_out().begin(), from.left_out().end(), [&](const auto& each) {
      return each.what() == left_out.what() && each.reason() == left_out.reason();
    });
    if (same != from.left_out().end()) left_out = *same;
  }
}

}  // namespace aftercall::wire
