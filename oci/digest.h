// Content identity: "<algorithm>:<lower-case hex>" (OCI image specification 1.1, descriptor.md,
// "Digests").
#pragma once

#include "base/hash.h"
#include "base/stream.h"

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tote::oci {

// Parsed once at the edge, compared as bytes after that. sha256 and sha512.
class Digest {
 public:
  // Throws Error{kParse} that names the text and what is wrong with it.
  static Digest parse(std::string_view text);
  // For callers who ask "is this a digest or a tag?".
  static std::optional<Digest> try_parse(std::string_view text);
  static Digest of(ConstBytes content, HashAlgorithm algorithm = HashAlgorithm::kSha256);
  static Digest of(std::string_view content) { return of(as_bytes(content)); }
  // Ends the hasher.
  static Digest of(Hasher& hasher);

  HashAlgorithm algorithm() const noexcept { return algorithm_; }
  std::string_view algorithm_name() const noexcept;  // "sha256"
  std::string hex() const;
  std::string str() const;  // "sha256:9f86..."

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;
  // The first bytes: content digests need no further mixing.
  std::size_t hash() const noexcept;

 private:
  Digest(HashAlgorithm algorithm, ConstBytes bytes);

  HashAlgorithm algorithm_;
  std::array<std::byte, 64> bytes_{};  // zero beyond the algorithm's length
};

// Of everything that is left of `content`.
Digest digest_of(Source& content, HashAlgorithm algorithm);

}  // namespace tote::oci

template <>
struct std::hash<tote::oci::Digest> {
  std::size_t operator()(const tote::oci::Digest& digest) const noexcept { return digest.hash(); }
};
