// Everything in a directory: one pool of blobs, and a small record per manifest, tag and referrer
// of a repository, so that a push costs the same however much is there (docs/formats.md). Each
// repository is also kept readable as an OCI image layout.
//
// Nothing appears under its final name before it is whole and verified, so kill -9 at any moment
// loses nothing that was acknowledged; with Sync::kYes that holds for a power cut too.
#pragma once

#include "base/task_group.h"
#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_layout.h"
#include "testregistry/storage/directory/directory_repository.h"
#include "testregistry/storage/directory/directory_root.h"
#include "testregistry/storage/directory/hot_cache.h"
#include "testregistry/storage/storage.h"

#include <filesystem>
#include <shared_mutex>
#include <unordered_map>

namespace tote::testregistry {

// One process at a time may have a directory open. Throws Error{kIo}, and Error{kUsage} for a
// directory that holds other things than a registry.
class DirectoryStorage final : public Storage {
 public:
  // `log`: what is wrong with a layout that was dropped in; any thread.
  explicit DirectoryStorage(const std::filesystem::path& root, Sync sync = Sync::kNo,
                            std::function<void(std::string_view)> log = {},
                            Writing writing = Writing::kAlways);
  ~DirectoryStorage() override;  // index.json is current everywhere after it

  bool is_blob_in_memory(const std::string& repository, const oci::Digest& digest,
                         Use use) override;
  bool is_manifest_in_memory(const std::string& repository, const oci::Digest& digest,
                             Use use) override;
  bool is_tag_in_memory(const std::string& repository, const std::string& tag) override;
  bool has_repository(const std::string& repository) override;
  std::vector<std::string> repositories(const std::string& last, std::size_t limit) override;
  std::optional<Content> find_blob(const std::string& repository,
                                   const oci::Digest& digest) override;
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest) override;
  std::optional<oci::Digest> find_tag(const std::string& repository,
                                      const std::string& tag) override;
  std::vector<std::string> tags(const std::string& repository) override;
  std::vector<oci::Digest> manifests(const std::string& repository) override;
  std::vector<Referrer> referrers(const std::string& repository,
                                  const oci::Digest& subject) override;

  void on_growth(OnGrowth call) override;
  std::uint64_t size_of(const std::string& repository) override;
  Stored stored() override;
  bool mount_blob(const std::string& repository, const std::string& from,
                  const oci::Digest& digest) override;
  bool remove_blob(const std::string& repository, const oci::Digest& digest) override;
  void keep_blob(const std::string& repository, const oci::Digest& digest) override;
  std::string begin_upload(const std::string& repository,
                           HashAlgorithm algorithm = HashAlgorithm::kSha256) override;
  FoundUpload find_upload(const std::string& repository, const std::string& session) override;
  std::optional<std::uint64_t> upload_size(const std::string& repository,
                                           const std::string& session) override;
  bool put_manifest(const std::string& repository, const NewManifest& manifest) override;
  bool remove_manifest(const std::string& repository, const oci::Digest& digest) override;
  void put_tag(const std::string& repository, const std::string& tag,
               const oci::Digest& digest) override;
  bool remove_tag(const std::string& repository, const std::string& tag) override;
  Collected collect(const CollectOptions& options, std::stop_token stop) override;

 private:
  friend class DirectoryUpload;
  friend class DirectoryCollection;
  friend class LayoutTakeover;

  void look_at_layouts(const std::stop_token& stop);
  DirectoryRepositoryPtr known(const std::string& name);
  DirectoryRepositoryPtr find(const std::string& name);     // may be null
  DirectoryRepositoryPtr require(const std::string& name);  // made if need be
  DirectoryRepositoryPtr remember(const std::string& name);
  // Takes over a layout that was dropped in, before the repository is used.
  void prepare(const DirectoryRepositoryPtr& repository);
  // Sets a blob's time to now, if it is not young: garbage collection spares it.
  void make_young(const DirectoryRepository& repository, const oci::Digest& digest);
  // False: something that the layout's index.json names is not there yet.
  bool try_takeover(const DirectoryRepositoryPtr& repository);  // under the repository's lock
  bool take_over_rest(const DirectoryRepositoryPtr& repository);

  void count_pool(const std::stop_token& stop);
  std::string pool_path(const oci::Digest& digest) const;
  // Makes the verified file `aside`, which goes, a blob of the repository. Under its lock.
  void adopt(DirectoryRepository& repository, const std::string& aside, const oci::Digest& digest);
  // These too.
  void store_manifest(const DirectoryRepositoryPtr& repository, const NewManifest& manifest);
  void note_blob(DirectoryRepository& repository, const oci::Digest& digest);
  bool drop_blob(DirectoryRepository& repository, const oci::Digest& digest);
  static std::optional<oci::Digest> subject_of(const DirectoryRepository& repository,
                                               const oci::Digest& digest);
  bool drop_manifest(const DirectoryRepositoryPtr& repository, const oci::Digest& digest,
                     const std::optional<oci::Digest>& subject);
  // What `load` finds, from memory if it was asked for lately; null if it finds nothing.
  // From memory alone.
  std::shared_ptr<const HotEntry> find_hot(const std::string& repository,
                                           const std::string& reference);
  bool is_hot(const std::string& repository, const std::string& reference, Use use);
  template <class Load>
  std::shared_ptr<const HotEntry> hot(const DirectoryRepository& repository,
                                      const std::string& reference, Load load);
  void grew(const DirectoryRepository& repository, std::int64_t bytes) const;

  DirectoryFiles files_;
  std::function<void(std::string_view)> log_;
  const DirectoryRoot root_;
  // Shared by those who give a file of the pool another name, held by who empties the pool.
  std::shared_mutex pool_mutex_;
  mutable std::mutex growth_mutex_;
  OnGrowth on_growth_;  // guarded by growth_mutex_
  // Of the pool; right once count_pool() has run.
  std::atomic<std::int64_t> pooled_blobs_ = 0;
  std::atomic<std::int64_t> pooled_bytes_ = 0;
  HotCache hot_;
  ThreadPool hashers_;
  TaskGroup hashing_{hashers_, {}};  // uploads, behind their writers
  std::shared_mutex mutex_;          // of the map alone
  std::unordered_map<std::string, DirectoryRepositoryPtr> repositories_;
  LayoutKeeper layouts_;  // last: its thread uses the rest
};

// Names below `root`/repositories, sorted bytewise.
std::vector<std::string> list_repositories(const std::string& root);

}  // namespace tote::testregistry
