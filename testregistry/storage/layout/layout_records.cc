#include "testregistry/storage/layout/layout_records.h"

#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"
#include "oci/referrer.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>

namespace tote::testregistry {
namespace {

void add_manifest(LayoutRepository& repository, const oci::ManifestPtr& manifest,
                  LayoutManifests& manifests, int depth) {
  if (!repository.manifests.emplace(manifest->digest(), manifest).second) return;
  if (manifest->subject())
    repository.referrers[manifest->subject()->digest].emplace(manifest->digest(),
                                                              manifests.referrer(*manifest));
  if (depth >= oci::kMaxIndexNesting) return;
  for (const oci::Descriptor& child : manifest->children())
    if (const oci::ManifestPtr found = manifests.find(child))
      add_manifest(repository, found, manifests, depth + 1);
}

}  // namespace

// No link to elsewhere, and no pipe that nobody writes to.
FilePtr try_open_layout_blob(const std::filesystem::path& directory, const oci::Digest& digest) {
  const std::string path = (directory / archive::blob_path(digest)).string();
  FilePtr file = File::try_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file) return S_ISREG(file->status().st_mode) ? file : nullptr;
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO) return nullptr;
  throw io_error(fmt::format("open {}", path));
}

oci::ManifestPtr LayoutManifests::find(const oci::Descriptor& target) {
  {
    const Lock lock(mutex_);
    const auto known = known_.find(target.digest);
    if (known != known_.end()) return known->second;
  }
  const FilePtr file = try_open_layout_blob(directory_, target.digest);
  if (!file || file->size() > oci::kMaxManifestSize) return nullptr;
  std::string bytes(file->size(), '\0');
  bytes.resize(file->read_at(std::as_writable_bytes(std::span(bytes)), 0));
  if (oci::Digest::of(as_bytes(bytes), target.digest.algorithm()) != target.digest) return nullptr;
  oci::ManifestPtr manifest;
  try {
    manifest = oci::Manifest::parse(std::move(bytes), target.media_type, target.digest.algorithm());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    return nullptr;
  }
  const Lock lock(mutex_);
  return known_.try_emplace(target.digest, std::move(manifest)).first->second;
}

ReferrerPtr LayoutManifests::referrer(const oci::Manifest& manifest) {
  const Lock lock(mutex_);
  ReferrerPtr& known = referrers_[manifest.digest()];
  if (!known)
    known = std::make_shared<const Referrer>(Referrer{
        manifest.digest(), oci::artifact_type_of(manifest), oci::encode_referrer(manifest)});
  return known;
}

LayoutRecords read_records(const std::vector<archive::IndexEntry>& entries,
                           const RepositoryOf& repository_of, LayoutManifests& manifests,
                           const std::function<void(const std::string& line)>& log) {
  LayoutRecords records;
  for (const archive::IndexEntry& entry : entries) {
    if (!oci::may_be_manifest(entry.target.media_type)) continue;
    const std::string name = repository_of(entry);
    const oci::ManifestPtr manifest = manifests.find(entry.target);
    if (!manifest || !is_repository_name(name)) {
      log(fmt::format("'{}' is not served: {}", entry.target.digest.str(),
                      manifest ? fmt::format("'{}' is no name of a repository", name)
                               : "its blob is not there, or is no manifest of that digest"));
      continue;
    }
    LayoutRepository& repository = records[name];
    add_manifest(repository, manifest, manifests, 0);
    if (!is_tag_name(entry.tag)) continue;
    const auto [tag, is_new] = repository.tags.emplace(entry.tag, entry.target.digest);
    if (!is_new && tag->second != entry.target.digest)
      log(fmt::format("'{}' and '{}' both want to be '{}:{}': the first is", tag->second.str(),
                      entry.target.digest.str(), name, entry.tag));
  }
  return records;
}

}  // namespace tote::testregistry
