#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/failure.hpp"
#include "domain/secret.hpp"

namespace aftercall::control {

// The keys that secrets are sealed with. The first seals; each of them opens, so that a key can be replaced
// while what it sealed is still there.
class KeyRing {
 public:
  // 32 bytes each; ids are distinct. SetupIncomplete otherwise.
  static Result<KeyRing> of(std::vector<std::pair<std::string, Secret>> keys);
  const std::string& sealing_id() const { return keys_.front().first; }
  const Secret& sealing() const { return keys_.front().second; }
  const Secret* find(std::string_view id) const;

 private:
  std::vector<std::pair<std::string, Secret>> keys_;
};

// A file of [[key]] tables, each with `id` and `key` (64 hexadecimal digits), newest first; readable by its
// owner only.
Result<KeyRing> load_key_ring(const std::string& path);

struct Sealed {
  std::string key_id;
  std::string nonce;
  std::string ciphertext;  // its tag at the end
};

inline constexpr std::size_t nonce_length = 12;

// AES-256-GCM. `bound_to` is authenticated, too: what was sealed for one record opens for no other. `nonce`
// is fresh randomness: the same one twice under one key would give both texts away.
Result<Sealed> seal(const KeyRing& ring, std::string_view text, std::string_view bound_to, std::string nonce);
Result<Secret> open(const KeyRing& ring, const Sealed& sealed, std::string_view bound_to);

std::string random_bytes(std::size_t count);  // from the system, for keys and nonces
std::string hex_of(std::string_view bytes);
Result<std::string> bytes_of_hex(std::string_view hex);

}  // namespace aftercall::control
