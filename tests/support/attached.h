// Things that are attached to images, and signatures of them as cosign makes them.
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/storage.h"

#include <memory>
#include <string>
#include <vector>

namespace tote::test {

// A private key. Made anew each time.
class SigningKey {
 public:
  static SigningKey ecdsa(const std::string& curve = "P-256");
  static SigningKey rsa(unsigned bits = 2048);
  static SigningKey ed25519();

  std::string public_pem() const;
  std::string private_pem() const;
  // `hash`: "" for Ed25519.
  std::string sign(const std::string& message, const std::string& hash = "SHA256") const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

struct Layer {
  std::string media_type;
  std::string content;
  std::string annotations_json = {};  // an object; empty: none
};

// An artifact whose subject is `subject`, if that is given (a digest as text).
oci::Digest put_artifact(testregistry::Storage& storage, const std::string& repository,
                         const std::string& artifact_type, const std::vector<Layer>& layers,
                         const std::string& subject, const std::string& tag = {});
// One with a single layer of its own type.
oci::Digest put_referrer(testregistry::Storage& storage, const std::string& repository,
                         const oci::Digest& subject, const std::string& type,
                         const std::string& content);

// ---- cosign ------------------------------------------------------------------------------------

// "sha256-<hex>.sig".
std::string cosign_tag(const oci::Digest& image, const std::string& suffix = ".sig");
// What "simple signing" signs.
std::string signing_payload(const oci::Digest& image);
// A layer of a `.sig` image; the signature is not encoded yet.
Layer simple_signature(const std::string& payload, const std::string& signature);
// Signs as cosign 2 does: an image under the tag.
oci::Digest sign_by_tag(testregistry::Storage& storage, const std::string& repository,
                        const oci::Digest& image, const SigningKey& key);

std::string signing_statement(const oci::Digest& image);
// DSSE's pre-authentication encoding.
std::string encode_for_signing(const std::string& type, const std::string& payload);
// A sigstore bundle; nothing is encoded yet.
std::string sigstore_bundle(const std::string& payload, const std::string& signature,
                            const std::string& payload_type = "application/vnd.in-toto+json");
inline constexpr const char* kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
// Signs as cosign 3 does: a referrer.
oci::Digest sign_by_referrer(testregistry::Storage& storage, const std::string& repository,
                             const oci::Digest& image, const SigningKey& key);

}  // namespace tote::test
