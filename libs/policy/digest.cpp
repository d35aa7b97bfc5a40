#include "policy/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace aftercall {

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("libcrypto offers no SHA-256");
  std::string text;
  text.reserve(std::size_t{2} * size);
  for (unsigned i = 0; i < size; ++i) {
    text += hex[digest[i] >> 4U];
    text += hex[digest[i] & 15U];
  }
  return text;
}

std::string length_prefixed(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (const auto part : parts) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      bytes += static_cast<char>((part.size() >> shift) & 0xFFU);
    bytes += part;
  }
  return bytes;
}

}  // namespace aftercall
