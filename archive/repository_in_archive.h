// An archive as the repositories that its images were copied from.
#pragma once

#include "archive/archive.h"
#include "archive/archive_reader.h"
#include "base/mutex.h"
#include "oci/store.h"

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tote::archive {

// The images of an archive, found without looking at each. Immutable; the contents must outlive it.
class ImagesByName {
 public:
  explicit ImagesByName(const oci::Contents& contents);

  // Whether an image that came from `repository`, or that a bundle's lock says is there, has that
  // digest; or if none at all has: the children of indexes are wherever their index is.
  bool has(const oci::Repository& repository, const oci::Digest& digest) const;
  // nullptr: there is no such tag.
  const oci::CarriedImage* find(const oci::Repository& repository, std::string_view tag) const;
  // The manifests that have this subject, wherever they came from.
  const std::vector<oci::Descriptor>& referrers(const oci::Digest& subject) const;

 private:
  std::unordered_multimap<oci::Digest, const oci::CarriedImage*> by_digest_;
  std::unordered_map<std::string, const oci::CarriedImage*> by_tag_;  // "registry/repository:tag"
  std::unordered_map<oci::Digest, std::vector<oci::Descriptor>> referrers_;
};

// One of them. Has the images that came from there, or that a bundle's lock says are there, by
// digest or by the tag they are kept under, and the children of indexes, which are wherever their
// index is. Thread-safe. The archive must outlive it.
class RepositoryInArchive final : public oci::ImageReader {
 public:
  RepositoryInArchive(const Archive& archive, const ImagesByName& images, oci::Repository name)
      : archive_(archive), images_(images), name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;
  std::vector<oci::Descriptor> find_referrers(const oci::Digest& subject,
                                              std::string_view artifact_type,
                                              std::stop_token stop) override;

 private:
  oci::ManifestPtr find(std::string_view tag_or_digest) const;

  const Archive& archive_;
  const ImagesByName& images_;
  const oci::Repository name_;
};

// All of them, each made when it is asked for first. Thread-safe. The archive must outlive it.
class RepositoriesInArchive {
 public:
  explicit RepositoriesInArchive(const Archive& archive)
      : archive_(archive), images_(archive.contents()) {}

  RepositoryInArchive& repository(const oci::Repository& name) {
    const Lock lock(mutex_);
    return repositories_.try_emplace(name, archive_, images_, name).first->second;
  }

 private:
  const Archive& archive_;
  const ImagesByName images_;
  Mutex mutex_;
  std::map<oci::Repository, RepositoryInArchive> repositories_ TOTE_GUARDED_BY(mutex_);
};

// An archive that nobody else keeps, and its repositories. Thread-safe.
struct OpenedArchive {
  explicit OpenedArchive(const std::filesystem::path& path, const ReadOptions& options = {})
      : archive(path, options), repositories(archive) {}

  const ArchiveReader archive;
  RepositoriesInArchive repositories;
};

}  // namespace tote::archive
