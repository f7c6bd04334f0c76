#include "copy/metadata.h"

#include "oci/verify.h"

namespace tote::copy {

template <class Value>
std::shared_ptr<Metadata::Slot<Value>> Metadata::slot(Slots<Value>& slots,
                                                      const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Slot<Value>>& found = slots[digest];
  if (!found) found = std::make_shared<Slot<Value>>();
  return found;
}

oci::ManifestPtr Metadata::manifest(const oci::Repository& repository,
                                    std::string_view tag_or_digest, std::stop_token stop) {
  const auto fetch = [&] { return open_(repository).fetch_manifest(tag_or_digest, stop); };
  if (const auto digest = oci::Digest::try_parse(tag_or_digest)) {
    const auto known = slot(manifests_, *digest);
    const std::lock_guard lock(known->mutex);
    if (!known->value) known->value = fetch();
    return *known->value;
  }
  oci::ManifestPtr fetched = fetch();
  const auto known = slot(manifests_, fetched->digest());
  const std::lock_guard lock(known->mutex);
  if (!known->value) known->value = fetched;
  return fetched;
}

oci::ManifestPtr Metadata::manifest_at(const oci::Repository& repository, const oci::Digest& digest,
                                       std::stop_token stop) {
  const auto known = slot(manifests_, digest);
  const std::lock_guard lock(known->mutex);
  const std::pair where(repository, digest);
  {
    const std::lock_guard places_lock(mutex_);
    if (seen_at_.contains(where)) return *known->value;
  }
  oci::ImageReader& place = open_(repository);
  // What it does not have it says in its own words.
  if (!known->value || !place.resolve(digest.str(), stop))
    known->value = place.fetch_manifest(digest.str(), stop);
  const std::lock_guard places_lock(mutex_);
  seen_at_.insert(where);
  return *known->value;
}

std::string Metadata::config(const oci::Repository& repository, const oci::Descriptor& config,
                             std::stop_token stop) {
  const auto known = slot(configs_, config.digest);
  const std::lock_guard lock(known->mutex);
  if (!known->value)
    known->value =
        oci::read_verified(open_(repository).open_blob(config, 0, std::move(stop)), config);
  return *known->value;
}

}  // namespace tote::copy
