#include "control/sign_in/seal.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <set>
#include <stdexcept>

#include "config/tree.hpp"
#include "control/private_file.hpp"

namespace aftercall::control {
namespace {

constexpr std::size_t key_length = 32;
constexpr std::size_t tag_length = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int length(std::string_view text) { return static_cast<int>(text.size()); }

tl::unexpected<Failure> not_opened(const char* why) {
  return fail(Cause::SetupIncomplete, std::string("a stored secret cannot be opened: ") + why);
}

}  // namespace

Result<KeyRing> KeyRing::of(std::vector<std::pair<std::string, Secret>> keys) {
  if (keys.empty()) return fail(Cause::SetupIncomplete, "the key ring holds no key");
  std::set<std::string> ids;
  for (const auto& [id, key] : keys) {
    if (id.empty() || !ids.insert(id).second)
      return fail(Cause::SetupIncomplete, "the key ring's ids must be given and distinct");
    if (key.reveal().size() != key_length)
      return fail(Cause::SetupIncomplete, "key " + id + " of the key ring has not 32 bytes");
  }
  KeyRing ring;
  ring.keys_ = std::move(keys);
  return ring;
}

const Secret* KeyRing::find(std::string_view id) const {
  for (const auto& [candidate, key] : keys_)
    if (candidate == id) return &key;
  return nullptr;
}

Result<KeyRing> load_key_ring(const std::string& path) {
  if (auto closed = check_private(path); !closed) return tl::unexpected(closed.error());
  auto tree = config::load(path);
  if (!tree) return tl::unexpected(tree.error());
  std::vector<std::pair<std::string, Secret>> keys;
  for (auto& table : tree->root().tables("key")) {
    std::string id;
    Secret hex;
    table.require("id", id);
    if (!table.require("key", hex)) continue;
    const auto key = bytes_of_hex(hex.reveal());
    if (!key || key->size() != key_length) table.wrong("key", "must be 64 hexadecimal digits");
    keys.emplace_back(id, Secret(key.value_or("")));
  }
  if (auto right = tree->finish(); !right) return tl::unexpected(right.error());
  return KeyRing::of(std::move(keys));
}

Result<Sealed> seal(const KeyRing& ring, std::string_view text, std::string_view bound_to,
                    std::string nonce) {
  if (nonce.size() != nonce_length) return fail(Cause::Malformed, "a nonce has 12 bytes");
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string ciphertext(text.size() + tag_length, '\0');
  int written = 0;
  int last = 0;
  const bool done =
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(ring.sealing().reveal()),
                         bytes(std::string_view(nonce))) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(bound_to), length(bound_to)) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes(ciphertext), &written, bytes(text), length(text)) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes(ciphertext) + written, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_length, bytes(ciphertext) + text.size()) ==
          1;
  if (!done) return fail(Cause::SetupIncomplete, "a secret cannot be sealed: OpenSSL refuses");
  return Sealed{ring.sealing_id(), std::move(nonce), std::move(ciphertext)};
}

Result<Secret> open(const KeyRing& ring, const Sealed& sealed, std::string_view bound_to) {
  const Secret* key = ring.find(sealed.key_id);
  if (key == nullptr) return not_opened("the key ring lacks the key that sealed it");
  if (sealed.nonce.size() != nonce_length || sealed.ciphertext.size() < tag_length)
    return not_opened("the record is damaged");
  const std::string_view text =
      std::string_view(sealed.ciphertext).substr(0, sealed.ciphertext.size() - tag_length);
  std::string tag = sealed.ciphertext.substr(text.size());
  std::string opened(text.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0;
  int last = 0;
  const bool done =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key->reveal()),
                         bytes(std::string_view(sealed.nonce))) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(bound_to), length(bound_to)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(opened), &written, bytes(text), length(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_length, bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(opened) + written, &last) == 1;
  if (!done) return not_opened("it was sealed by another key or for another record");
  return Secret(std::move(opened));
}

std::string random_bytes(std::size_t count) {
  std::string made(count, '\0');
  if (RAND_bytes(bytes(made), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system gives no randomness");
  return made;
}

std::string hex_of(std::string_view bytes_in) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes_in) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

Result<std::string> bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (hex.size() % 2 != 0) return fail(Cause::Malformed, "an odd number of hexadecimal digits");
  std::string made;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return fail(Cause::Malformed, "not hexadecimal");
    made += static_cast<char>(high * 16 + low);
  }
  return made;
}

}  // namespace aftercall::control
