#include "ingest/authenticate.hpp"

#include <algorithm>
#include <optional>

#include "policy/digest.hpp"

namespace aftercall::ingest {
namespace {

constexpr std::size_t longest_key = 512;

// RFC 6750 §2.1's b64token, the scheme in any letter case.
std::optional<std::string_view> bearer_of(const http::Headers& headers) {
  const auto field = headers.find("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!field || headers.count("Authorization") != 1 ||
      !http::same_name(field->substr(0, scheme.size()), scheme))
    return std::nullopt;
  const auto key = field->substr(scheme.size());
  const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  if (key.empty() || key.size() > longest_key || !visible) return std::nullopt;
  return key;
}

// Takes the same time wherever two texts of one length differ.
bool same(std::string_view a, std::string_view b) {
  unsigned char difference = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return a.size() == b.size() && difference == 0;
}

}  // namespace

tl::expected<tenancy::SourcePtr, Problem> authenticate(const http::Headers& headers,
                                                       const tenancy::Directory& directory) {
  const auto key = bearer_of(headers);
  if (!key) return tl::unexpected(problem::no_key());
  // The key itself is compared with nothing. Looking a digest up tells by its time at most how much of it is
  // like a stored one, and nobody can make keys whose digests come closer to a wanted one. What the index
  // found, the source itself confirms.
  const std::string digest = sha256_hex(*key);
  auto source = directory.source_by_key_hash(digest);
  bool valid = false;
  if (source)
    for (const auto& each : source->key_hashes) valid |= same(each, digest);
  if (!valid) return tl::unexpected(problem::unknown_key());
  if (source->disabled) return tl::unexpected(problem::source_disabled());
  return source;
}

}  // namespace aftercall::ingest
