#pragma once
#include <string>
#include <string_view>

#include "domain/failure.hpp"

namespace aftercall::identity {

// Hashes slots (addresses) under a tenant's own key: equal slots of a tenant have equal hashes, and nobody
// without the key can tell whose they are, nor that two tenants know the same person.
class Pseudonyms {
 public:
  // Refuses a key of less than 16 bytes: a hash under a guessable key hides nothing.
  static Result<Pseudonyms> under(std::string_view key);
  std::string of(std::string_view slot) const;  // HMAC-SHA-256, hex

 private:
  explicit Pseudonyms(std::string_view key) : key_(key) {}
  std::string key_;
};

}  // namespace aftercall::identity
