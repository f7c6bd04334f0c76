#include "copy/manifest_cache.h"

#include "oci/verify.h"

#include <fmt/format.h>

namespace tote::copy {

void ManifestCache::add(const oci::Contents& contents) {
  for (const oci::ManifestPtr& manifest : contents.manifests)
    manifests_.put(manifest->digest(), manifest);
  for (const oci::CarriedConfig& config : contents.configs)
    configs_.put(config.blob.digest, config.bytes);
}

oci::ManifestPtr ManifestCache::manifest(const oci::Repository& repository,
                                         std::string_view tag_or_digest, std::stop_token stop) {
  const auto fetch = [&] { return open_(repository).fetch_manifest(tag_or_digest, stop); };
  if (const auto digest = oci::Digest::try_parse(tag_or_digest))
    return manifests_.get(*digest, stop, fetch);
  oci::ManifestPtr fetched = fetch();
  return manifests_.get(fetched->digest(), stop, [&] { return fetched; });
}

oci::ManifestPtr ManifestCache::manifest_at(const oci::Repository& repository,
                                            const oci::Digest& digest, std::stop_token stop) {
  return seen_at_.get({repository, digest}, stop, [&] {
    oci::ImageReader& place = open_(repository);
    bool is_from_there = false;
    const auto fetch = [&] {
      is_from_there = true;
      return place.fetch_manifest(digest.str(), stop);
    };
    const oci::ManifestPtr known = manifests_.get(digest, stop, fetch);
    // What it does not have it says in its own words.
    return is_from_there || place.resolve(digest.str(), stop) ? known : fetch();
  });
}

std::string ManifestCache::config(const oci::Repository& repository, const oci::Descriptor& config,
                                  std::stop_token stop) {
  return configs_.get(config.digest, stop, [&] {
    return while_doing(
        [&] {
          return fmt::format("Reading blob '{}'", oci::digest_reference(repository, config.digest));
        },
        [&] { return oci::read_verified(open_(repository).open_blob(config, 0, stop), config); });
  });
}

ManifestCache::Tags ManifestCache::tags(const oci::Repository& repository,
                                        const std::stop_token& stop) {
  return tags_.get(repository, stop, [&]() -> Tags {
    auto tags = open_(repository).tags_at_once(stop);
    return tags ? std::make_shared<const std::set<std::string>>(*std::move(tags)) : nullptr;
  });
}

}  // namespace tote::copy
