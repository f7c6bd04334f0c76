// What should be in a place: as a lock or an archive says it, and where it can be had.
#pragma once

#include "archive/archive.h"
#include "archive/whole_archive.h"
#include "bundle/rebuilt_layers.h"
#include "bundle/session.h"
#include "bundle/transfer_source.h"
#include "copy/manifest_cache.h"
#include "registry/client.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

struct ExpectedImage {
  oci::Repository source;  // where it can be had
  oci::Digest digest;
  std::string tag = {};
};

// Those that an archive holds.
std::vector<ExpectedImage> images_of(const archive::Archive& archive);

// Thread-safe. The client must outlive it.
class Expectation {
 public:
  // Opens an archive: Error as archive::ArchiveSet. `base` has what the layers of an archive may
  // have to be made of, beside what is in the archives; null: nothing.
  // REQUIRES: `source` is a lock or an archive
  Expectation(const TransferSource& source, oci::ImageReader* base, registry::Client& client,
              const Session& session);

  // Those that are named; what they are made of follows from them.
  const std::vector<ExpectedImage>& images() const noexcept { return images_; }
  // Null: it is a lock.
  const archive::Archive* archive() const noexcept { return archive_.get(); }
  // Of an archive everything is there, whatever repository is asked.
  copy::ManifestCache& cache() noexcept { return cache_; }

 private:
  void take(const FromArchive& from, const Session& session);
  void take(const FromImagesLock& from, const Session& session);
  void take(const FromBundleLock& from, const Session& session);
  template <class Other>
  void take(const Other& from, const Session& session);

  std::unique_ptr<const archive::Archive> archive_;
  oci::ImageReader* base_;
  std::optional<archive::WholeArchive> whole_;
  std::optional<RebuiltLayers> rebuilt_;
  std::unique_ptr<oci::ImageReader> expected_;  // of an archive
  std::vector<ExpectedImage> images_;
  copy::ManifestCache cache_;
};

}  // namespace tote::bundle
