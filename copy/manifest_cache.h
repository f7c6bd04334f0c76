// Manifests and configs, each fetched once however often it is looked at.
#pragma once

#include "base/once_map.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace tote::copy {

// Thread-safe. What has been read stays in memory until the end: a few KiB an image.
class ManifestCache {
 public:
  explicit ManifestCache(oci::OpenRepository open) : open_(std::move(open)) {}

  const oci::OpenRepository& places() const noexcept { return open_; }

  // Everything that is known already: nobody is asked for it. Before the first other call.
  void add(const oci::Contents& contents);

  // By tag or digest; a digest known from any repository is not asked for again.
  oci::ManifestPtr manifest(const oci::Repository& repository, std::string_view tag_or_digest,
                            std::stop_token stop);
  // The same, but that very repository must have it: one known from elsewhere is asked for there.
  oci::ManifestPtr manifest_at(const oci::Repository& repository, const oci::Digest& digest,
                               std::stop_token stop);
  // Verified. Error{kParse} over 4 MiB (oci::kMaxManifestSize).
  std::string config(const oci::Repository& repository, const oci::Descriptor& config,
                     std::stop_token stop);

  // All tags of a repository, asked for once; null where one request does not tell them.
  using Tags = std::shared_ptr<const std::set<std::string>>;
  Tags tags(const oci::Repository& repository, const std::stop_token& stop);

 private:
  oci::OpenRepository open_;
  OnceMap<oci::Digest, oci::ManifestPtr> manifests_;
  OnceMap<oci::Digest, std::string> configs_;
  OnceMap<std::pair<oci::Repository, oci::Digest>, oci::ManifestPtr> seen_at_;
  OnceMap<oci::Repository, Tags> tags_;
};

}  // namespace tote::copy
