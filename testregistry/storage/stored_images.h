// What a registry keeps, as a place that images are read from.
#pragma once

#include "base/mutex.h"
#include "oci/store.h"
#include "testregistry/storage/storage.h"

#include <map>
#include <string>
#include <utility>

namespace tote::testregistry {

// One repository. Thread-safe. What `storage` refers to must outlive it.
class StoredRepository final : public oci::ImageReader {
 public:
  StoredRepository(const StorageReader& storage, std::string name)
      : storage_(storage), name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  std::optional<oci::Digest> find_digest(std::string_view tag_or_digest) const;

  const StorageReader storage_;
  const std::string name_;
};

// All of them, each made when it is asked for first; of a reference the path alone counts.
// Thread-safe.
class StoredImages {
 public:
  explicit StoredImages(const StorageReader& storage) : storage_(storage) {}

  StoredRepository& repository(const oci::Repository& name) {
    const Lock lock(mutex_);
    return repositories_.try_emplace(name.path, storage_, name.path).first->second;
  }

 private:
  const StorageReader storage_;
  Mutex mutex_;
  std::map<std::string, StoredRepository> repositories_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry
