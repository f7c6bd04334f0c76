#include "bundle/signatures.h"

#include "base/error.h"
#include "bundle/image_tags.h"
#include "registry/registry_error.h"

namespace tote::bundle {
namespace {

constexpr int kForbidden = 403;

bool is_forbidden(const Error& error) {
  const auto* answer = dynamic_cast<const registry::RegistryError*>(&error);
  return answer != nullptr && answer->status() == kForbidden;
}

}  // namespace

FoundSignature find_signature(const oci::Repository& repository, const oci::Digest& image,
                              copy::Metadata& metadata, std::stop_token stop) {
  try {
    return {metadata.manifest(repository, signature_tag(image), std::move(stop)).descriptor};
  } catch (const Error& error) {
    if (is_forbidden(error)) return {{}, true};
    if (error.kind() == ErrorKind::kNotFound) return {};
    throw;
  }
}

}  // namespace tote::bundle
