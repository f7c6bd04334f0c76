#include "oci/digest.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace tote::oci {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<HashAlgorithm> algorithm_named(std::string_view name) {
  if (name == "sha256") return HashAlgorithm::kSha256;
  if (name == "sha512") return HashAlgorithm::kSha512;
  return std::nullopt;
}

// What is wrong with `text`; empty: nothing, and `raw` holds the bytes.
std::string check(std::string_view text, HashAlgorithm& algorithm, std::vector<std::byte>& raw) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return "no ':' in it";
  const std::string_view name = text.substr(0, colon);
  const std::optional<HashAlgorithm> known = algorithm_named(name);
  if (!known) return fmt::format("unsupported algorithm '{}'", name);
  algorithm = *known;
  const std::string_view hex = text.substr(colon + 1);
  const std::size_t want = 2 * hash_size(algorithm);
  if (hex.size() != want) return fmt::format("got {} hex digits, want {}", hex.size(), want);
  for (std::size_t i = 0; i < want; i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return "only lower-case hex digits are allowed";
    raw.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return {};
}

}  // namespace

Digest::Digest(HashAlgorithm algorithm, ConstBytes bytes) : algorithm_(algorithm) {
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

Digest Digest::parse(std::string_view text) {
  HashAlgorithm algorithm{};
  std::vector<std::byte> raw;
  if (const std::string complaint = check(text, algorithm, raw); !complaint.empty())
    throw Error(ErrorKind::kParse, fmt::format("invalid digest '{}': {}", text, complaint));
  return {algorithm, raw};
}

std::optional<Digest> Digest::try_parse(std::string_view text) {
  HashAlgorithm algorithm{};
  std::vector<std::byte> raw;
  if (!check(text, algorithm, raw).empty()) return std::nullopt;
  return Digest(algorithm, raw);
}

Digest Digest::of(ConstBytes content, HashAlgorithm algorithm) {
  Hasher hasher(algorithm);
  hasher.update(content);
  return of(hasher);
}

Digest Digest::of(Hasher& hasher) {
  return {hasher.algorithm(), hasher.finish()};
}

std::string_view Digest::algorithm_name() const noexcept {
  return algorithm_ == HashAlgorithm::kSha256 ? "sha256" : "sha512";
}

std::string Digest::hex() const {
  return to_hex(std::span(bytes_).first(hash_size(algorithm_)));
}

std::string Digest::str() const {
  return fmt::format("{}:{}", algorithm_name(), hex());
}

std::size_t Digest::hash() const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, bytes_.data(), sizeof value);
  return value;
}

Digest digest_of(Source& content, HashAlgorithm algorithm) {
  Hasher hasher(algorithm);
  std::vector<std::byte> buffer(kStreamChunk);
  while (const std::size_t n = content.read_some(buffer)) hasher.update(std::span(buffer).first(n));
  return Digest::of(hasher);
}

}  // namespace tote::oci
