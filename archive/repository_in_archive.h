// An archive as the repositories that its images were copied from.
#pragma once

#include "archive/archive_reader.h"

#include <map>
#include <mutex>

namespace tote::archive {

// One of them. Has the images that came from there, or that a bundle's lock says are there, by
// digest or by the tag they are kept under, and the children of indexes, which are wherever their
// index is. Thread-safe. The archive must outlive it.
class RepositoryInArchive final : public oci::ImageReader {
 public:
  RepositoryInArchive(ArchiveReader& archive, oci::Repository name)
      : archive_(archive), name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::RawManifest fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  const oci::RawManifest* find(std::string_view tag_or_digest) const;
  bool has(const oci::Digest& digest) const;

  ArchiveReader& archive_;
  const oci::Repository name_;
};

// All of them, each made when it is asked for first. Thread-safe. The archive must outlive it.
class RepositoriesInArchive {
 public:
  explicit RepositoriesInArchive(ArchiveReader& archive) : archive_(archive) {}

  RepositoryInArchive& repository(const oci::Repository& name) {
    const std::lock_guard lock(mutex_);
    return repositories_.try_emplace(name, archive_, name).first->second;
  }

 private:
  ArchiveReader& archive_;
  std::mutex mutex_;
  std::map<oci::Repository, RepositoryInArchive> repositories_;  // guarded by mutex_
};

}  // namespace tote::archive
