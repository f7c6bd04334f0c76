#include "testregistry/storage/memory_repository.h"

#include "base/error.h"
#include "base/mutex.h"
#include "base/stream.h"
#include "oci/manifest.h"
#include "testregistry/storage/bundle_links.h"
#include "testregistry/storage/manifest_facts.h"

#include <algorithm>
#include <utility>

namespace tote::testregistry {

bool MemoryRepository::is_empty() {
  const ReadLock lock(mutex);
  return blobs.empty() && manifests.empty() && uploads.empty();
}

bool MemoryRepository::has_all(const std::vector<oci::Digest>& needed) const {
  return std::all_of(needed.begin(), needed.end(),
                     [this](const oci::Digest& digest) TOTE_REQUIRES_SHARED(mutex) {
                       return blobs.contains(digest) || manifests.contains(digest);
                     });
}

void MemoryRepository::drop_manifest(const oci::Digest& digest) {
  const auto found = manifests.find(digest);
  if (found->second.subject) {
    const auto list = referrers.find(*found->second.subject);
    list->second.erase(digest);
    if (list->second.empty()) referrers.erase(list);
  }
  manifests.erase(found);
  std::erase_if(tags, [&](const auto& tag) { return tag.second == digest; });
}

ManifestLinks MemoryRepository::read_links(const oci::Digest& digest, const Content& manifest,
                                           bool with_locks) {
  const ManifestFacts facts = read_facts(
      read_all(*open_content(manifest), oci::kMaxManifestSize, digest.str()), digest.str());
  ManifestLinks links = links_of(facts);
  if (!with_locks) return links;
  const auto open_blob = [&](const oci::Digest& blob) -> std::unique_ptr<Source> {
    const ReadLock lock(mutex);
    const auto found = blobs.find(blob);
    return found == blobs.end() ? nullptr : open_content(found->second.content);
  };
  add_bundle_links(facts, open_blob, links);
  return links;
}

LinkMap MemoryRepository::read_links(bool with_locks, const std::stop_token& stop) {
  std::vector<std::pair<oci::Digest, Content>> all;
  {
    const ReadLock lock(mutex);
    for (const auto& [digest, manifest] : manifests)
      all.emplace_back(digest, manifest.held.content);
  }
  LinkMap links;
  for (const auto& [digest, content] : all) {
    if (stop.stop_requested()) throw Cancelled();
    links[digest] = read_links(digest, content, with_locks);
  }
  return links;
}

// Bundles are unpacked before the lock is held. What has come since stays, as all that is new does,
// with everything that it may need.
std::uint64_t MemoryRepository::collect(const CollectOptions& options,
                                        const std::unordered_set<oci::Digest>& everywhere,
                                        Collected& done, const std::stop_token& stop) {
  LinkMap links = read_links(options.untagged, stop);
  const WriteLock lock(mutex);
  const std::uint64_t bytes_before = done.bytes;
  const MemoryTime cutoff = memory_now() - options.grace;
  Reasons reasons;
  std::erase_if(links, [&](const auto& known)
                           TOTE_REQUIRES(mutex) { return !manifests.contains(known.first); });
  for (const auto& [digest, manifest] : manifests) {
    const bool is_new = !links.contains(digest);
    if (is_new) {
      links[digest] = read_links(digest, manifest.held.content, false);
      links[digest].needs_all = options.untagged;  // it may be a bundle
    }
    if (is_new || !options.untagged || manifest.held.touched > cutoff)
      reasons.roots.push_back(digest);
  }
  std::vector<Tag> all_tags;
  for (const auto& [tag, digest] : tags) all_tags.push_back({tag, digest});
  add_tags(
      all_tags, links, [&](const oci::Digest& digest) { return everywhere.contains(digest); },
      reasons);
  const std::unordered_set<oci::Digest> kept = reachable(links, reasons);

  for (const auto& [digest, unused] : links) {
    if (kept.contains(digest)) continue;
    ++done.manifests;
    done.bytes += content_length(manifests.at(digest).held.content);
    if (!options.dry_run) drop_manifest(digest);
  }
  std::erase_if(blobs, [&](const auto& blob) {
    if (kept.contains(blob.first) || blob.second.touched > cutoff) return false;
    ++done.blobs;
    done.bytes += content_length(blob.second.content);
    return !options.dry_run;
  });
  const std::uint64_t shrunk = done.bytes - bytes_before;
  std::erase_if(uploads, [&](const auto& upload) {
    if (upload.second->busy || upload.second->touched > memory_now() - options.upload_expiry)
      return false;
    ++done.uploads;
    done.bytes += upload.second->size;
    return !options.dry_run;
  });
  return options.dry_run ? 0 : shrunk;
}

}  // namespace tote::testregistry
