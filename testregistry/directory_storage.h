// Everything in a directory: one pool of blobs, and a small record per blob, manifest and tag of a
// repository, so that a push costs the same however much is there (docs/formats.md).
//
// Nothing appears under its final name before it is whole and verified, so kill -9 at any moment
// loses nothing that was acknowledged; with Sync::kYes that holds for a power cut too.
#pragma once

#include "testregistry/storage.h"

#include <filesystem>
#include <map>
#include <mutex>

namespace tote::testregistry {

enum class Sync { kNo, kYes };

class DirectoryUpload;

// One process at a time may have a directory open. Throws Error{kIo}.
class DirectoryStorage final : public Storage {
 public:
  explicit DirectoryStorage(std::filesystem::path root, Sync sync = Sync::kNo);
  ~DirectoryStorage() override;

  bool is_quick() const noexcept override { return false; }
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
  friend class DirectoryUpload;

  // What is known of a session that some request has touched since the start.
  struct OpenUpload {
    bool busy = false;
    Hasher hasher{HashAlgorithm::kSha256};
    std::uint64_t hashed = 0;  // bytes that `hasher` has seen, from the start
  };

  std::filesystem::path repository_path(const std::string& repository) const;
  std::filesystem::path record(const std::string& repository, const char* kind,
                               const oci::Digest& digest) const;
  std::filesystem::path pool_path(const oci::Digest& digest) const;
  void write_record(const std::filesystem::path& path, std::string_view text) const;
  // Moves a verified file into the pool.
  void adopt(const std::filesystem::path& file, const oci::Digest& digest) const;
  void link_blob(const std::string& repository, const oci::Digest& digest) const;

  std::filesystem::path root_;
  Sync sync_;
  UniqueFd lock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<OpenUpload>> open_uploads_;  // guarded by mutex_
};

}  // namespace tote::testregistry
