// Manifests and configs, each fetched once however often it is looked at.
#pragma once

#include "copy/places.h"

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::copy {

// Thread-safe. What has been read stays in memory until the end: a few KiB an image.
class Metadata {
 public:
  explicit Metadata(OpenRepository open) : open_(std::move(open)) {}

  const OpenRepository& places() const noexcept { return open_; }

  // By tag or digest; a digest known from any repository is not asked for again.
  oci::RawManifest manifest(const oci::Repository& repository, std::string_view tag_or_digest,
                            std::stop_token stop);
  // Verified. Error{kParse} over 4 MiB.
  std::string config(const oci::Repository& repository, const oci::Descriptor& config,
                     std::stop_token stop);

 private:
  OpenRepository open_;
  std::mutex mutex_;
  std::map<oci::Digest, oci::RawManifest> manifests_;  // guarded by mutex_
  std::map<oci::Digest, std::string> configs_;         // guarded by mutex_
};

}  // namespace tote::copy
