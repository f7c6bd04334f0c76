// Everything in memory, gone with the process.
#pragma once

#include "testregistry/storage.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace tote::testregistry {

class MemoryStorage final : public Storage {
 public:
  bool is_quick() const noexcept override { return true; }
  bool has_repository(const std::string& repository) override;
  std::optional<Content> find_blob(const std::string& repository,
                                   const oci::Digest& digest) override;
  bool mount_blob(const std::string& repository, const std::string& from,
                  const oci::Digest& digest) override;
  bool remove_blob(const std::string& repository, const oci::Digest& digest) override;
  std::string begin_upload(const std::string& repository) override;
  FoundUpload find_upload(const std::string& repository, const std::string& session) override;
  std::optional<std::uint64_t> upload_size(const std::string& repository,
                                           const std::string& session) override;
  std::optional<StoredManifest> find_manifest(const std::string& repository,
                                              const oci::Digest& digest) override;
  void put_manifest(const std::string& repository, const oci::Digest& digest,
                    std::string_view media_type, std::string bytes) override;
  bool remove_manifest(const std::string& repository, const oci::Digest& digest) override;
  std::optional<oci::Digest> find_tag(const std::string& repository,
                                      const std::string& tag) override;
  void put_tag(const std::string& repository, const std::string& tag,
               const oci::Digest& digest) override;
  bool remove_tag(const std::string& repository, const std::string& tag) override;
  std::vector<std::string> tags(const std::string& repository) override;

 private:
  class Session;
  using Bytes = std::shared_ptr<const std::string>;

  struct Upload {
    bool busy = false;
    std::string bytes = {};
    std::atomic<std::uint64_t> size = 0;  // of `bytes`, for those who do not hold the session
  };

  struct Repository {
    std::unordered_map<oci::Digest, Bytes> blobs;
    std::unordered_map<oci::Digest, std::pair<std::string, Bytes>> manifests;  // type, bytes
    std::map<std::string, oci::Digest> tags;
    std::unordered_map<std::string, std::shared_ptr<Upload>> uploads;
  };

  const Repository* find(const std::string& name) const;

  std::shared_mutex mutex_;
  std::unordered_map<std::string, Repository> repositories_;  // guarded by mutex_
};

}  // namespace tote::testregistry
