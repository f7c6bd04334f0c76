// Manifests, tags and referrers of the directory storage as small files (docs/formats.md). Part of
// DirectoryStorage.
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_pool.h"
#include "testregistry/storage/directory/directory_repository.h"
#include "testregistry/storage/record_store.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tote::testregistry {

// Thread-safe. Throws Error{kIo}.
class DirectoryRecords {
 public:
  // `files` and `pool` must outlive it. `on_change`: the repository's index.json no longer says
  // what is there, or will not when its lock is given back.
  DirectoryRecords(const DirectoryFiles& files, DirectoryPool& pool,
                   std::function<void(const DirectoryRepositoryPtr&)> on_change)
      : files_(files), pool_(pool), on_change_(std::move(on_change)) {}

  // ---- reading needs no lock ----
  std::optional<oci::Digest> find_tag(const DirectoryRepository& repository,
                                      const std::string& tag) const;
  std::vector<std::string> tags(const DirectoryRepository& repository) const;       // sorted
  std::vector<oci::Digest> manifests(const DirectoryRepository& repository) const;  // sorted
  // Sorted by digest.
  std::vector<Referrer> referrers(const DirectoryRepository& repository,
                                  const oci::Digest& subject) const;

  // ---- under the repository's lock ----
  // False: something that the manifest needs has gone.
  bool put(const DirectoryRepositoryPtr& repository, const NewManifest& manifest);
  // Without asking what it needs.
  void store(const DirectoryRepositoryPtr& repository, const NewManifest& manifest);
  // And every tag that names it.
  bool remove(const DirectoryRepositoryPtr& repository, const oci::Digest& digest);
  // The manifest alone, of which the subject is known.
  bool drop(const DirectoryRepositoryPtr& repository, const oci::Digest& digest,
            const std::optional<oci::Digest>& subject);
  void put_tag(const DirectoryRepositoryPtr& repository, const std::string& tag,
               const oci::Digest& digest);
  bool remove_tag(const DirectoryRepositoryPtr& repository, const std::string& tag);

 private:
  static std::optional<oci::Digest> subject_of(const DirectoryRepository& repository,
                                               const oci::Digest& digest);

  const DirectoryFiles& files_;
  DirectoryPool& pool_;
  const std::function<void(const DirectoryRepositoryPtr&)> on_change_;
};

}  // namespace tote::testregistry
