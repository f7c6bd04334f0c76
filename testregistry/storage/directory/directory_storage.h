// Everything in a directory: one pool of blobs, and a small record per manifest, tag and referrer
// of a repository, so that a push costs the same however much is there (docs/formats.md). Each
// repository is also kept readable as an OCI image layout.
//
// Nothing appears under its final name before it is whole and verified, so kill -9 at any moment
// loses nothing that was acknowledged; with Sync::kYes that holds for a power cut too.
#pragma once

#include "testregistry/storage/directory/directory_files.h"
#include "testregistry/storage/directory/directory_layout.h"
#include "testregistry/storage/directory/directory_pool.h"
#include "testregistry/storage/directory/directory_records.h"
#include "testregistry/storage/directory/directory_repositories.h"
#include "testregistry/storage/directory/directory_repository.h"
#include "testregistry/storage/directory/directory_root.h"
#include "testregistry/storage/directory/directory_uploads.h"
#include "testregistry/storage/directory/hot_cache.h"
#include "testregistry/storage/storage.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

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
  std::optional<Content> find_blob(const std::string& repository, const oci::Digest& digest,
                                   Use use = Use::kRead) override;
  std::optional<std::uint64_t> blob_size(const std::string& repository,
                                         const oci::Digest& digest) override;
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest,
                                              Use use = Use::kRead) override;
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
  // Takes over a layout that was dropped in. Under the repository's lock.
  void prepare(const DirectoryRepositoryPtr& repository);
  // False: something that the layout's index.json names is not there yet.
  bool try_takeover(const DirectoryRepositoryPtr& repository);
  bool take_over_rest(const DirectoryRepositoryPtr& repository);
  void look_at_layouts(const std::stop_token& stop);

  // From memory alone.
  std::shared_ptr<const HotEntry> find_hot(const std::string& repository,
                                           const std::string& reference);
  bool is_hot(const std::string& repository, const std::string& reference, Use use);
  // What `load` finds, from memory if it was asked for lately; null if it finds nothing.
  template <class Load>
  std::shared_ptr<const HotEntry> hot(const DirectoryRepository& repository,
                                      const std::string& reference, Load load);
  // Garbage collection is to spare it. `hot`: what is in memory of it; may be null.
  void keep(const DirectoryRepository& repository, const oci::Digest& digest, const HotEntry* hot);
  // Sets a blob's time to now, if it is not young.
  void make_young(const DirectoryRepository& repository, const oci::Digest& digest);
  void log(const std::string& line) const;

  DirectoryFiles files_;
  const std::function<void(std::string_view)> log_;  // may be null
  const DirectoryRoot root_;
  DirectoryPool pool_;
  DirectoryRecords records_;
  DirectoryUploads uploads_;
  HotCache hot_;
  DirectoryRepositories repositories_;
  LayoutKeeper layouts_;  // last: its thread uses the rest
};

}  // namespace tote::testregistry
