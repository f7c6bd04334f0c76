// Where a copy comes from: registries, or something on the disk and behind it the places that it
// says its images came from.
#pragma once

#include "archive/archive.h"
#include "bundle/archive_origins.h"
#include "bundle/rebuilt_layers.h"
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
  // Opens archives: Error as archive::ArchiveSet. `base` has what its layers may have to be
  // made of, and must outlive this; null: nothing has.
  CopySource(const TransferSource& source, oci::ImageReader* base, registry::Client& client,
             const Session& session);

  // Manifests and configs; of an archive they are all known.
  copy::ManifestCache& cache() noexcept { return cache_; }
  // Null: it is no archive.
  const archive::Archive* archive() const noexcept { return archive_.get(); }
  // The lock that named the images, as it was when the archive was made too; empty: there was none,
  // or it does not speak of all of `contents`, which was selected here.
  std::string images_lock(const oci::Contents& contents) const;

  // Error{kNotFound} that lists what is not there of what layers are to be made of.
  void expect_base(const std::stop_token& stop) const;
  // Whether it makes this layer again, of what is there and of a patch.
  bool rebuilds(const oci::Digest& layer) const { return rebuilt_ && rebuilt_->has(layer); }

  Selection select(const Session& session);

  // Whether a blob may be mounted from the place that it is said to be in: an archive is no place
  // to mount from, but what it lacks may be where it came from; what was made here is nowhere.
  bool may_mount(const oci::Descriptor& blob) const;

 private:
  const TransferSource& source_;
  std::unique_ptr<const archive::Archive> archive_;
  const std::unique_ptr<oci::ImageReader> made_;  // null: nothing was
  std::optional<RebuiltLayers> rebuilt_;          // of an archive
  std::optional<ArchiveOrigins> origins_;         // likewise
  copy::ManifestCache cache_;
};

}  // namespace tote::bundle
