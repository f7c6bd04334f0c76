// What index.json of a layout that is served says of each repository. Internal to testregistry/.
#pragma once

#include "archive/index_entries.h"
#include "base/mutex.h"
#include "oci/manifest.h"
#include "testregistry/storage/record_store.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tote::testregistry {

// A blob of a layout, if it is a regular file there; null: it is not. Error{kIo}.
FilePtr try_open_layout_blob(const std::filesystem::path& directory, const oci::Digest& digest);

using ReferrerPtr = std::shared_ptr<const Referrer>;

// The manifests of a layout, each read and verified once. Thread-safe.
class LayoutManifests {
 public:
  explicit LayoutManifests(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Null: it is not there, is other content than its digest says, or is no manifest. That may
  // change.
  oci::ManifestPtr find(const oci::Descriptor& target);
  // As the list of its subject's referrers shows it. REQUIRES: it has one
  ReferrerPtr referrer(const oci::Manifest& manifest);

 private:
  const std::filesystem::path directory_;
  Mutex mutex_;
  std::unordered_map<oci::Digest, oci::ManifestPtr> known_ TOTE_GUARDED_BY(mutex_);
  std::unordered_map<oci::Digest, ReferrerPtr> referrers_ TOTE_GUARDED_BY(mutex_);
};

struct LayoutRepository {
  std::map<std::string, oci::Digest> tags;
  std::map<oci::Digest, oci::ManifestPtr> manifests;  // with a name, without one, and in indexes
  std::map<oci::Digest, std::map<oci::Digest, ReferrerPtr>> referrers;  // by subject
};

// Which repository an entry is in.
using RepositoryOf = std::function<std::string(const archive::IndexEntry& entry)>;

// By the names of repositories. What is not as it should be is left out, and `log` is told.
using LayoutRecords = std::map<std::string, LayoutRepository>;
LayoutRecords read_records(const std::vector<archive::IndexEntry>& entries,
                           const RepositoryOf& repository_of, LayoutManifests& manifests,
                           const std::function<void(const std::string& line)>& log);

}  // namespace tote::testregistry
