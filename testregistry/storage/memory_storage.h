// Everything in memory, gone with the process; contents of files can be held in place.
#pragma once

#include "testregistry/storage/reachability.h"
#include "testregistry/storage/running_hash.h"
#include "testregistry/storage/storage.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace tote::testregistry {

class MemoryStorage final : public Storage {
 public:
  // A blob that lies elsewhere (in an archive) and is served from there. The caller vouches for
  // its digest.
  void hold_blob(const std::string& repository, const oci::Digest& digest, Content content);

  bool is_blob_in_memory(const std::string&, const oci::Digest&, Use) override { return true; }
  bool is_manifest_in_memory(const std::string&, const oci::Digest&, Use) override { return true; }
  bool is_tag_in_memory(const std::string&, const std::string&) override { return true; }
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

  void on_growth(OnGrowth call) override { on_growth_ = std::move(call); }
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
  class Session;
  using Time = std::chrono::steady_clock::time_point;

  struct Upload {
    explicit Upload(HashAlgorithm algorithm) : hash(algorithm) {}
    bool busy = false;
    Time touched = std::chrono::steady_clock::now();
    std::string bytes = {};
    RunningHash hash;
    std::atomic<std::uint64_t> size = 0;  // of `bytes`, for those who do not hold the session
  };

  struct Held {
    Content content;
    Time touched = std::chrono::steady_clock::now();
  };

  struct HeldManifest {
    Held held;
    std::string media_type;
    std::optional<oci::Digest> subject;
  };

  struct Repository {
    std::shared_mutex mutex;  // guards all of it
    std::unordered_map<oci::Digest, Held> blobs;
    std::map<oci::Digest, HeldManifest> manifests;
    std::map<std::string, oci::Digest> tags;
    std::map<oci::Digest, std::map<oci::Digest, Referrer>> referrers;  // by subject
    std::unordered_map<std::string, std::shared_ptr<Upload>> uploads;

    // Nobody has pushed to it, or nothing is left.
    bool is_empty();
    bool has_all(const std::vector<oci::Digest>& needed) const;
    void drop_manifest(const oci::Digest& digest);
    // How many bytes fewer the repository has after it.
    // `everywhere`: the manifests of all repositories.
    std::uint64_t collect(const CollectOptions& options,
                          const std::unordered_set<oci::Digest>& everywhere, Collected& done,
                          const std::stop_token& stop);
    // Neither with the lock held, if `with_locks`.
    ManifestLinks read_links(const oci::Digest& digest, const Content& manifest, bool with_locks);
    LinkMap read_links(bool with_locks, const std::stop_token& stop);
  };
  using RepositoryPtr = std::shared_ptr<Repository>;

  // The same bytes that another repository holds, if one does.
  Content shared(const oci::Digest& digest, Content content);
  RepositoryPtr find(const std::string& name);     // may be null
  RepositoryPtr require(const std::string& name);  // made if need be
  std::vector<std::pair<std::string, RepositoryPtr>> all();
  void grow(const std::string& repository, std::uint64_t from, std::uint64_t to) const;

  static constexpr std::size_t kFewBytes = 1024;

  std::mutex bytes_mutex_;
  // What is in memory, each once; guarded by bytes_mutex_.
  std::unordered_map<oci::Digest, std::weak_ptr<const std::string>> bytes_;
  std::size_t bytes_limit_ = kFewBytes;  // entries, before those that have gone are looked for
  OnGrowth on_growth_;
  std::shared_mutex mutex_;  // of the map alone
  std::unordered_map<std::string, RepositoryPtr> repositories_;
};

}  // namespace tote::testregistry
