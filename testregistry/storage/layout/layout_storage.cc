#include "testregistry/storage/layout/layout_storage.h"

#include "archive/oci_layout.h"
#include "base/error.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tote::testregistry {
namespace {

constexpr std::chrono::seconds kFresh{60};  // no time is set anew within it

// Garbage collection is to spare it. What can not be touched is read all the same.
void keep(const ServedLayout& layout, const oci::Digest& digest) {
  const std::string path = (layout.path() / archive::blob_path(digest)).string();
  const auto info = try_stat(path);
  if (info && written_at(*info) < std::chrono::system_clock::now() - kFresh) touch(path);
}

}  // namespace

LayoutStorage::LayoutStorage(const std::vector<LayoutPlace>& places, const LayoutOptions& options) {
  std::set<std::string> names;
  for (const LayoutPlace& place : places) {
    layouts_.push_back(std::make_unique<ServedLayout>(place, options));
    const std::string& name = layouts_.back()->own_name();
    if (!names.insert(name).second)
      throw Error(ErrorKind::kUsage, fmt::format("Two layouts would be served as '{}'", name))
          .with_hint("give one of them another name: NAME=DIRECTORY");
  }
}

bool LayoutStorage::is_used(const std::string& repository) {
  const Lock lock(mutex_);
  return used_.contains(repository);
}

ServedLayout* LayoutStorage::find(const std::string& repository) {
  for (const auto& layout : layouts_)
    if (layout->own_name() == repository) return layout.get();
  ServedLayout* first = nullptr;
  for (const auto& layout : layouts_) {
    if (!layout->takes_all_names()) continue;
    if (layout->records()->contains(repository)) return layout.get();
    if (first == nullptr) first = layout.get();
  }
  return is_used(repository) ? first : nullptr;
}

ServedLayout& LayoutStorage::require(const std::string& repository) {
  ServedLayout* found = find(repository);
  for (const auto& layout : layouts_)
    if (found == nullptr && layout->takes_all_names()) found = layout.get();
  if (found == nullptr)
    throw Error(ErrorKind::kForbidden,
                fmt::format("No layout is served as '{}', nor one for any name", repository));
  const Lock lock(mutex_);
  used_.insert(repository);
  return *found;
}

std::shared_ptr<const LayoutRepository> LayoutStorage::records(const std::string& repository) {
  if (ServedLayout* layout = find(repository)) {
    const LayoutRecordsPtr all = layout->records();
    if (const auto found = all->find(repository); found != all->end()) return {all, &found->second};
  }
  return std::make_shared<const LayoutRepository>();
}

void LayoutStorage::grow(const std::string& repository, std::int64_t bytes) const {
  if (on_growth_ && bytes != 0) on_growth_(repository, bytes);
}

// ---- reading -----------------------------------------------------------------------------------

bool LayoutStorage::has_repository(const std::string& repository) {
  return is_used(repository) || !records(repository)->manifests.empty();
}

std::vector<std::string> LayoutStorage::repositories(const std::string& last, std::size_t limit) {
  std::set<std::string> names;
  for (const auto& layout : layouts_)
    for (const auto& [name, unused] : *layout->records()) names.insert(name);
  {
    const Lock lock(mutex_);
    names.insert(used_.begin(), used_.end());
  }
  std::vector<std::string> some;
  for (auto it = names.upper_bound(last); it != names.end() && some.size() < limit; ++it)
    some.push_back(*it);
  return some;
}

std::optional<Content> LayoutStorage::find_blob(const std::string& repository,
                                                const oci::Digest& digest, Use use) {
  const ServedLayout* layout = find(repository);
  if (layout == nullptr) return std::nullopt;
  auto found = layout->find_blob(digest);
  if (found && use == Use::kKeep) keep(*layout, digest);
  return found;
}

std::optional<StoredManifest> LayoutStorage::find_manifest(const std::string& repository,
                                                           const oci::Digest& digest, Use use) {
  const ServedLayout* layout = find(repository);
  const auto in = records(repository);
  const auto found = in->manifests.find(digest);
  if (layout == nullptr || found == in->manifests.end()) return std::nullopt;
  auto content = layout->find_blob(digest);
  if (!content) return std::nullopt;
  if (use == Use::kKeep) keep(*layout, digest);
  return StoredManifest{found->second->media_type(), *std::move(content)};
}

std::optional<oci::Digest> LayoutStorage::find_tag(const std::string& repository,
                                                   const std::string& tag) {
  const auto in = records(repository);
  const auto found = in->tags.find(tag);
  if (found == in->tags.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> LayoutStorage::tags(const std::string& repository) {
  std::vector<std::string> names;
  const auto in = records(repository);
  for (const auto& [tag, digest] : in->tags) names.push_back(tag);
  return names;
}

std::vector<oci::Digest> LayoutStorage::manifests(const std::string& repository) {
  std::vector<oci::Digest> digests;
  const auto in = records(repository);
  for (const auto& [digest, manifest] : in->manifests) digests.push_back(digest);
  return digests;
}

std::vector<Referrer> LayoutStorage::referrers(const std::string& repository,
                                               const oci::Digest& subject) {
  std::vector<Referrer> list;
  const auto in = records(repository);
  const auto found = in->referrers.find(subject);
  if (found == in->referrers.end()) return list;
  for (const auto& [digest, referrer] : found->second) list.push_back(*referrer);
  return list;
}

// ---- changing ----------------------------------------------------------------------------------

std::string LayoutStorage::begin_upload(const std::string& repository, HashAlgorithm algorithm) {
  return uploads_.begin(require(repository), algorithm);
}

FoundUpload LayoutStorage::find_upload(const std::string& repository, const std::string& session) {
  ServedLayout* layout = find(repository);
  if (layout == nullptr) return {};
  return uploads_.find(*layout, session, [this, repository](std::uint64_t size) {
    grow(repository, static_cast<std::int64_t>(size));
  });
}

std::optional<std::uint64_t> LayoutStorage::upload_size(const std::string& repository,
                                                        const std::string& session) {
  const ServedLayout* layout = find(repository);
  return layout == nullptr ? std::nullopt : LayoutUploads::size(*layout, session);
}

bool LayoutStorage::copy_blob(const Content& content, const std::string& repository,
                              const oci::Digest& digest) {
  const FoundUpload upload = find_upload(repository, begin_upload(repository, digest.algorithm()));
  const std::unique_ptr<Source> source = open_content(content);
  std::vector<std::byte> buffer(kStreamChunk);
  while (const std::size_t n = source->read_some(buffer))
    upload.session->append(std::span(buffer).first(n));
  if (upload.session->commit(digest)) return true;
  upload.session->cancel();
  return false;
}

bool LayoutStorage::mount_blob(const std::string& repository, const std::string& from,
                               const oci::Digest& digest) {
  for (const auto& layout : layouts_) {
    if (!from.empty() && find(from) != layout.get()) continue;
    const auto content = layout->find_blob(digest);
    if (!content) continue;
    if (&require(repository) != layout.get()) return copy_blob(*content, repository, digest);
    keep(*layout, digest);
    return true;
  }
  return false;
}

bool LayoutStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  ServedLayout* layout = find(repository);
  if (layout == nullptr) return false;
  const WriteLock lock(layout->blobs_mutex());
  const auto content = layout->find_blob(digest);
  if (!content) return false;
  for (const auto& [name, in] : *layout->records())
    for (const auto& [other, manifest] : in.manifests) {
      const auto is_it = [&](const oci::Descriptor& blob) { return blob.digest == digest; };
      if (other == digest || std::any_of(manifest->blobs().begin(), manifest->blobs().end(), is_it))
        throw Error(ErrorKind::kForbidden,
                    fmt::format("The manifest {} of this layout needs it", other.str()));
    }
  try_unlink((layout->path() / archive::blob_path(digest)).string());
  grow(repository, -static_cast<std::int64_t>(content_length(*content)));
  return true;
}

bool LayoutStorage::put_manifest(const std::string& repository, const NewManifest& manifest) {
  ServedLayout& layout = require(repository);
  const oci::ManifestPtr parsed =
      oci::Manifest::parse(manifest.bytes, manifest.media_type, manifest.digest.algorithm());
  const ReadLock lock(layout.blobs_mutex());
  for (const oci::Digest& digest : manifest.needed) {
    if (!layout.find_blob(digest)) return false;
    keep(layout, digest);
  }
  const bool is_new = !layout.find_blob(manifest.digest);
  layout.put_bytes(manifest.digest, manifest.bytes);
  layout.change([&](LayoutEdit& edit) {
    edit.put(repository, *parsed, manifest.tags);
    return true;
  });
  if (is_new) grow(repository, static_cast<std::int64_t>(manifest.bytes.size()));
  return true;
}

bool LayoutStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  ServedLayout* layout = find(repository);
  return layout != nullptr &&
         layout->change([&](LayoutEdit& edit) { return edit.remove_manifest(repository, digest); });
}

void LayoutStorage::put_tag(const std::string& repository, const std::string& tag,
                            const oci::Digest& digest) {
  const auto in = records(repository);
  const auto found = in->manifests.find(digest);
  if (found == in->manifests.end()) return;
  require(repository).change([&](LayoutEdit& edit) {
    edit.put(repository, *found->second, {tag});
    return true;
  });
}

bool LayoutStorage::remove_tag(const std::string& repository, const std::string& tag) {
  ServedLayout* layout = find(repository);
  return layout != nullptr &&
         layout->change([&](LayoutEdit& edit) { return edit.remove_tag(repository, tag); });
}

// ---- upkeep ------------------------------------------------------------------------------------

std::uint64_t LayoutStorage::size_of(const std::string& repository) {
  const ServedLayout* layout = find(repository);
  if (layout == nullptr) return 0;
  std::uint64_t size = 0;
  for (const LayoutBlob& blob : list_layout_blobs(layout->path().string()))
    if (const auto info = try_stat(blob.path)) size += static_cast<std::uint64_t>(info->st_size);
  return size;
}

Stored LayoutStorage::stored() {
  Stored stored;
  for (const auto& layout : layouts_)
    for (const LayoutBlob& blob : list_layout_blobs(layout->path().string()))
      if (const auto info = try_stat(blob.path)) {
        ++stored.blobs;
        stored.bytes += static_cast<std::uint64_t>(info->st_size);
      }
  return stored;
}

Collected LayoutStorage::collect(const CollectOptions& options, std::stop_token stop) {
  Collected all;
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const Collected done = layouts_[i]->collect(options, stop);
    all.manifests += done.manifests;
    all.blobs += done.blobs;
    all.uploads += done.uploads;
    all.bytes += done.bytes;
    if (options.on_repository) options.on_repository(i + 1, layouts_.size());
  }
  return all;
}

}  // namespace tote::testregistry
