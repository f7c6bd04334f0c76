// Cosign's signatures: images beside the signed one, found by their tags. Attestations and SBOMs
// are not looked for, as in imgpkg.
#pragma once

#include "copy/manifest_cache.h"

#include <optional>
#include <stop_token>

namespace tote::bundle {

struct FoundSignature {
  std::optional<oci::Descriptor> image = {};
  bool denied = false;  // the registry does not say whether there is one (403)
};

// Of an image in `repository`. Throws Error for anything but an answer.
FoundSignature find_signature(const oci::Repository& repository, const oci::Digest& image,
                              copy::ManifestCache& cache, std::stop_token stop);

}  // namespace tote::bundle
