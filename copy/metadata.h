// Manifests and configs, each fetched once however often it is looked at.
#pragma once

#include "copy/places.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace tote::copy {

// Thread-safe. What has been read stays in memory until the end: a few KiB an image.
class Metadata {
 public:
  explicit Metadata(OpenRepository open) : open_(std::move(open)) {}

  const OpenRepository& places() const noexcept { return open_; }

  // By tag or digest; a digest known from any repository is not asked for again.
  oci::ManifestPtr manifest(const oci::Repository& repository, std::string_view tag_or_digest,
                            std::stop_token stop);
  // The same, but that very repository must have it: one known from elsewhere is asked for there.
  oci::ManifestPtr manifest_at(const oci::Repository& repository, const oci::Digest& digest,
                               std::stop_token stop);
  // Verified. Error{kParse} over 4 MiB (oci::kMaxManifestSize).
  std::string config(const oci::Repository& repository, const oci::Descriptor& config,
                     std::stop_token stop);

 private:
  // What is known of one digest. Whoever holds its mutex fetches; the others wait for the result.
  template <class Value>
  struct Slot {
    std::mutex mutex;
    std::optional<Value> value;  // guarded by mutex
  };
  template <class Value>
  using Slots = std::map<oci::Digest, std::shared_ptr<Slot<Value>>>;

  template <class Value>
  std::shared_ptr<Slot<Value>> slot(Slots<Value>& slots, const oci::Digest& digest);

  OpenRepository open_;
  std::mutex mutex_;
  Slots<oci::ManifestPtr> manifests_;                          // guarded by mutex_
  Slots<std::string> configs_;                                 // guarded by mutex_
  std::set<std::pair<oci::Repository, oci::Digest>> seen_at_;  // guarded by mutex_
};

}  // namespace tote::copy
