#include "control/deferred/shelf.hpp"

namespace aftercall::control {
namespace {

std::size_t size_of(const Record& record) {
  std::size_t size = record.key.size() + (record.value ? record.value->size() : 0);
  for (const auto& [name, value] : record.headers) size += name.size() + value.size();
  return size;
}

}  // namespace

void Shelf::keep(Record record) {
  drop(record.key);
  const std::size_t size = size_of(record);
  if (size > bytes_) return;
  while (used_ + size > bytes_) drop(std::string(records_.front().key));
  used_ += size;
  const auto place = records_.insert(records_.end(), std::move(record));
  places_[place->key] = place;
}

void Shelf::drop(const std::string& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  used_ -= size_of(*found->second);
  records_.erase(found->second);
  places_.erase(found);
}

const Record* Shelf::find(const std::string& key, const Position& at) const {
  const auto found = places_.find(key);
  return found == places_.end() || found->second->at != at ? nullptr : &*found->second;
}

}  // namespace aftercall::control
