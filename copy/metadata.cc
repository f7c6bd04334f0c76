#include "copy/metadata.h"

#include "oci/verify.h"

namespace tote::copy {

oci::RawManifest Metadata::manifest(const oci::Repository& repository,
                                    std::string_view tag_or_digest, std::stop_token stop) {
  if (const auto digest = oci::Digest::try_parse(tag_or_digest)) {
    const std::lock_guard lock(mutex_);
    if (const auto known = manifests_.find(*digest); known != manifests_.end())
      return known->second;
  }
  oci::RawManifest fetched = open_(repository).fetch_manifest(tag_or_digest, std::move(stop));
  const std::lock_guard lock(mutex_);
  return manifests_.try_emplace(fetched.descriptor.digest, fetched).first->second;
}

std::string Metadata::config(const oci::Repository& repository, const oci::Descriptor& config,
                             std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = configs_.find(config.digest); known != configs_.end())
      return known->second;
  }
  std::string bytes =
      oci::read_verified(open_(repository).open_blob(config, 0, std::move(stop)), config);
  const std::lock_guard lock(mutex_);
  return configs_.try_emplace(config.digest, std::move(bytes)).first->second;
}

}  // namespace tote::copy
