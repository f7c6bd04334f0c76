// Garbage collection of the directory storage, while it is in use. One run is linear in what is
// stored: each manifest is read once. Part of DirectoryStorage.
//
// What is kept is found without a lock. Only then, under the lock of its repository, each thing
// that nothing keeps is looked at again: whoever needs something meanwhile has set its time to now
// (put_manifest, mount_blob, keep_blob), and what is young stays.
#pragma once

#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/directory/late_release.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/reachability.h"

namespace tote::testregistry {

class DirectoryCollection {
 public:
  DirectoryCollection(DirectoryStorage& storage, const CollectOptions& options,
                      std::stop_token stop);
  Collected run();

 private:
  using Time = std::chrono::system_clock::time_point;

  void collect_repository(const DirectoryRepositoryPtr& repository);
  // What the collection knows of a manifest.
  struct Seen {
    ManifestLinks links;
    Time written_at;
  };
  std::vector<Tag> tags_of(const DirectoryRepository& repository) const;
  std::optional<Seen> read_manifest(const DirectoryRepository& repository,
                                    const oci::Digest& digest) const;
  std::vector<std::optional<Seen>> read_manifests(const DirectoryRepository& repository,
                                                  const std::vector<oci::Digest>& digests) const;
  LinkMap read_links(const DirectoryRepository& repository, std::vector<oci::Digest>& roots) const;
  bool mark_and_sweep(const DirectoryRepositoryPtr& repository);
  bool drop(const DirectoryRepositoryPtr& repository, const LayoutBlob& blob,
            const ManifestLinks* links);
  void drop_tags(DirectoryRepository& repository, const oci::Digest& target);
  void drop_dangling_referrers(DirectoryRepository& repository);
  void drop_uploads(DirectoryRepository& repository);
  void drop_if_empty(DirectoryRepository& repository);
  void collect_pool();
  void stop_if_asked() const;

  DirectoryStorage& storage_;
  CollectOptions options_;
  std::stop_token stop_;
  mutable ThreadPool readers_;  // beside this thread
  Time cutoff_;                 // what is younger stays; of the repository at hand
  Time upload_cutoff_;          // likewise, for upload sessions
  std::uint64_t pushes_ = 0;    // of the repository at hand, when it began
  std::unordered_multimap<oci::Digest, std::string> tags_;  // likewise, by target
  Collected done_;
  LateRelease release_;
  // Names that a dry run would have taken from a file, by inode.
  std::unordered_map<ino_t, nlink_t> taken_;
};

}  // namespace tote::testregistry
