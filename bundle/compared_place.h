// One of two things that are compared: a bundle, an image, an archive, a layout or a lock.
#pragma once

#include "bundle/copy_source.h"
#include "bundle/session.h"
#include "bundle/transfer_source.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"
#include "registry/client.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

struct ComparedImage {
  std::string name;  // without tag and digest, as a bundle's lock gives it if one does
  oci::Repository repository;
  oci::Digest digest;
};

class ComparedPlace {
 public:
  // Finds out what it is and reads manifests and configs. Of an images lock these are read only if
  // `reads_locked`: what it names is known without. Error, Cancelled. The client must outlive it.
  ComparedPlace(const std::string& place, bool reads_locked, registry::Client& client,
                const Session& session);

  // The bundle, or the one image; nullopt: there are several, or none is known.
  const std::optional<ComparedImage>& root() const noexcept { return root_; }
  // The others, sorted by name and digest, each once. What is attached to another one has that in
  // its name.
  const std::vector<ComparedImage>& images() const noexcept { return images_; }
  // All that it is made of, with sizes in bytes; nullopt: they are not known.
  const std::optional<std::map<oci::Digest, std::uint64_t>>& blobs() const noexcept {
    return blobs_;
  }
  // REQUIRES: blobs()
  copy::ManifestCache& cache() { return source_->cache(); }

 private:
  void open(const std::string& place, bool reads_locked, registry::Client& client,
            const Session& session);
  void read(registry::Client& client, const Session& session);
  void take(const ImagesLock& lock);
  void take(const oci::Contents& contents);

  TransferSource from_;
  std::optional<CopySource> source_;  // of `from_`
  std::optional<ComparedImage> root_;
  std::vector<ComparedImage> images_;
  std::optional<std::map<oci::Digest, std::uint64_t>> blobs_;
};

}  // namespace tote::bundle
