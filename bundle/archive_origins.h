// An archive, and behind it the places that it says its images came from.
#pragma once

#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/rebuilt_layers.h"
#include "registry/client.h"

#include <map>
#include <string>

namespace tote::bundle {

// A layer that the archive lacks and that can not be had elsewhere.
class LayerNotInArchive final : public Error {
 public:
  LayerNotInArchive(const Error& in_archive, const std::string& elsewhere);
};

// Reads blobs out of the archive; those that it lacks (layers that may not be handed on, of which
// the copy into the archive left the bytes out) from where it says they came from. Manifests are
// the archive's. Of some layers it has patches. Thread-safe. What it is made of must outlive it.
class ArchiveOrigins {
 public:
  ArchiveOrigins(const archive::Archive& archive, const RebuiltLayers& rebuilt,
                 registry::Client& client);
  ArchiveOrigins(const ArchiveOrigins&) = delete;
  ArchiveOrigins& operator=(const ArchiveOrigins&) = delete;
  ~ArchiveOrigins();

  oci::ImageReader& repository(const oci::Repository& name);

 private:
  class Origin;
  const archive::Archive& archive_;
  const RebuiltLayers& rebuilt_;
  archive::RepositoriesInArchive inside_;
  registry::Client& client_;
  Mutex mutex_;
  std::map<oci::Repository, Origin> origins_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::bundle
