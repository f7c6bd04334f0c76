// Where a copy comes from: registries, or something on the disk and behind it the places that it
// says its images came from.
#pragma once

#include "archive/archive.h"
#include "bundle/archive_origins.h"
#include "bundle/selection.h"
#include "bundle/session.h"
#include "bundle/transfer_source.h"
#include "copy/manifest_cache.h"
#include "registry/client.h"

#include <memory>
#include <optional>
#include <string>

namespace tote::bundle {

// The client and what `source` refers to must outlive it.
class CopySource {
 public:
  // Opens archives: Error as archive::ArchiveSet.
  CopySource(const TransferSource& source, registry::Client& client, const Session& session);

  // Manifests and configs; of an archive they are all known.
  copy::ManifestCache& cache() noexcept { return cache_; }
  // Null: it is no archive.
  const archive::Archive* archive() const noexcept { return archive_.get(); }
  // The lock that named the images, as it was when the archive was made too; empty: there was none,
  // or it does not speak of all of `contents`, which was selected here.
  std::string images_lock(const oci::Contents& contents) const;

  Selection select(const Session& session);

  // Whether a blob may be mounted from the place that it is said to be in: an archive is no place
  // to mount from, but what it lacks may be where it came from.
  bool may_mount(const oci::Descriptor& blob) const;

 private:
  const TransferSource& source_;
  std::unique_ptr<const archive::Archive> archive_;
  std::optional<ArchiveOrigins> origins_;  // of an archive
  copy::ManifestCache cache_;
};

}  // namespace tote::bundle
