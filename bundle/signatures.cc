#include "bundle/signatures.h"

#include "base/error.h"
#include "bundle/image_tags.h"

namespace tote::bundle {
FoundSignature find_signature(const oci::Repository& repository, const oci::Digest& image,
                              copy::ManifestCache& cache, std::stop_token stop) {
  try {
    return {cache.manifest(repository, signature_tag(image), std::move(stop))->descriptor()};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kForbidden) return {{}, true};
    if (error.kind() == ErrorKind::kNotFound) return {};
    throw;
  }
}

}  // namespace tote::bundle
