// Everything in memory, gone with the process; contents of files can be held in place.
#pragma once

#include "base/mutex.h"
#include "testregistry/storage/memory_repository.h"
#include "testregistry/storage/storage.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

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
  std::optional<Content> find_blob(const std::string& repository, const oci::Digest& digest,
                                   Use use = Use::kRead) override;
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest,
                                              Use use = Use::kRead) override;
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

  // The same bytes that another repository holds, if one does.
  Content shared(const oci::Digest& digest, Content content);
  MemoryRepositoryPtr find(const std::string& name);     // may be null
  MemoryRepositoryPtr require(const std::string& name);  // made if need be
  std::vector<std::pair<std::string, MemoryRepositoryPtr>> all();
  void grow(const std::string& repository, std::uint64_t from, std::uint64_t to) const;

  static constexpr std::size_t kFewBytes = 1024;

  Mutex bytes_mutex_;
  // What is in memory, each once.
  std::unordered_map<oci::Digest, std::weak_ptr<const std::string>> bytes_
      TOTE_GUARDED_BY(bytes_mutex_);
  std::size_t bytes_limit_ TOTE_GUARDED_BY(bytes_mutex_) =
      kFewBytes;  // entries, before those that have gone are looked for
  OnGrowth on_growth_;
  SharedMutex mutex_;
  std::unordered_map<std::string, MemoryRepositoryPtr> repositories_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::testregistry
