// What cosign signs, read from untrusted text: "simple signing" payloads (containers/image,
// "atomic-signature.md") and sigstore bundles with an in-toto statement (v1) in a DSSE envelope.
#pragma once

#include "oci/digest.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

inline constexpr std::string_view kSimpleSigningType =
    "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr const char* kSignatureAnnotation = "dev.cosignproject.cosign/signature";

// Of a payload or a bundle.
inline constexpr std::uint64_t kMaxSignedContent = 1U << 20U;

// Something that keys may have signed, and what it says of an image.
struct SignedContent {
  std::string bytes;                         // that the signatures are of
  std::vector<std::string> signatures = {};  // decoded
  std::vector<oci::Digest> images = {};      // that it names
};

// A payload with the text of its annotation. Error{kParse} for anything but cosign's signature of
// an image, and for a payload that can be read in two ways.
SignedContent read_simple_signing(std::string payload, std::string_view signature_base64);

// Error{kParse} likewise: a bundle without an envelope, or of something else than a signature (an
// attestation).
SignedContent read_sigstore_bundle(std::string_view bundle);

}  // namespace tote::bundle
