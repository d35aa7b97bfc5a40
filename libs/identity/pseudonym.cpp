#include "identity/pseudonym.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace aftercall::identity {

Result<Pseudonyms> Pseudonyms::under(std::string_view key) {
  constexpr std::size_t shortest = 16;
  if (key.size() < shortest)
    return fail(Cause::SetupIncomplete, "the tenant has no pseudonym key of 16 bytes or more");
  return Pseudonyms(key);
}

std::string Pseudonyms::of(std::string_view slot) const {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const std::string bytes(slot);
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(),
           &size) == nullptr)
    throw std::runtime_error("libcrypto offers no HMAC-SHA-256");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += hex[digest[i] >> 4U];
    text += hex[digest[i] & 15U];
  }
  return text;
}

}  // namespace aftercall::identity
