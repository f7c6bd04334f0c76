// Public keys and the signatures that they verify (OpenSSL's EVP).
#pragma once

#include "base/stream.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

enum class KeyKind { kEcdsa, kRsa, kEd25519 };

// Immutable, cheap to copy, thread-safe.
class PublicKey {
 public:
  // Every "PUBLIC KEY" (SubjectPublicKeyInfo, RFC 5280 and 7468) in a PEM file, at least one: of
  // ECDSA on P-256, P-384 or P-521, RSA with 2048 to 16384 bits, Ed25519. `what` names the text in
  // complaints: Error{kParse} for anything else, with a hint if it is a private key or a
  // certificate.
  static std::vector<PublicKey> parse_pem(std::string_view pem, std::string_view what);

  KeyKind kind() const noexcept;
  // Whether `signature` is one of `message` by this key: ECDSA in DER, with SHA-256 or the hash
  // that is as strong as the curve (SHA-384, SHA-512); RSA by PKCS#1 v1.5 with SHA-256; Ed25519
  // (RFC 8032) over the message itself, never its variant Ed25519ph. False for what is no
  // signature.
  bool verifies(ConstBytes message, ConstBytes signature) const;

 private:
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const Impl> impl_;
};

}  // namespace tote
