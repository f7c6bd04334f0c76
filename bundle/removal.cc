#include "bundle/removal.h"

#include "base/error.h"
#include "base/mutex.h"
#include "bundle/attached_tree.h"
#include "oci/media_types.h"
#include "oci/referrer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tote::bundle {
namespace {

// What the tags of a repository lead to.
struct Tags {
  std::map<oci::Digest, std::vector<std::string>> by_target;
  std::map<oci::Digest, oci::ManifestPtr> indexes;
};

Tags read_tags(registry::RemoteRepository& repository, copy::ManifestCache& cache,
               const Session& session) {
  Tags tags;
  Mutex mutex;
  TaskGroup group(session.pool, session.stop);
  for (const std::string& tag : repository.tags(session.stop))
    group.run([&, tag](const std::stop_token& stop) {
      const auto target = repository.resolve(tag, stop);
      if (!target) return;  // removed meanwhile
      oci::ManifestPtr index;
      if (oci::is_index(target->media_type))
        index = cache.manifest(repository.name(), target->digest.str(), stop);
      const Lock lock(mutex);
      tags.by_target[target->digest].push_back(tag);
      if (index != nullptr) tags.indexes.emplace(target->digest, std::move(index));
    });
  group.wait();
  for (auto& [digest, names] : tags.by_target) std::sort(names.begin(), names.end());
  return tags;
}

class Planning {
 public:
  Planning(const oci::Reference& image, registry::Client& client, const Session& session)
      : repository_(client.repository(image.repository)),
        session_(session),
        cache_([&client](const oci::Repository& name) -> oci::ImageReader& {
          return client.repository(name);
        }),
        image_(cache_.manifest(image.repository, image.identifier(), session.stop)) {}

  Removal run(bool with_attached) {
    const oci::Digest& digest = image_->digest();
    Removal removal{.repository = repository_.name(), .manifests = {}, .image = digest};
    if (with_attached)
      add(find_attached_tree(removal.repository, digest, {}, cache_, session_), removal);
    else
      removal.left = count_attached(removal.repository, digest, cache_, session_);
    removal.manifests.push_back({.manifest = image_});
    const Tags tags = read_tags(repository_, cache_, session_);
    if (with_attached) add_list(tags, removal);
    for (RemovedManifest& removed : removal.manifests)
      if (const auto found = tags.by_target.find(removed.manifest->digest());
          found != tags.by_target.end())
        removed.tags = found->second;
    check_that_nothing_needs_it(tags, removal);
    return removal;
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as attachments may be nested
  static void add(const std::vector<AttachedNode>& nodes, Removal& removal) {
    for (const AttachedNode& node : nodes) {
      add(node.attached, removal);
      if (!removes(removal, node.manifest->digest()))
        removal.manifests.push_back({.manifest = node.manifest, .type = node.type});
    }
  }

  static bool removes(const Removal& removal, const oci::Digest& digest) {
    return std::any_of(removal.manifests.begin(), removal.manifests.end(),
                       [&](const auto& removed) { return removed.manifest->digest() == digest; });
  }

  // Each of what is removed may have one.
  static void add_list(const Tags& tags, Removal& removal) {
    std::vector<std::string> names;
    for (const RemovedManifest& removed : removal.manifests)
      names.push_back(oci::digest_tag(removed.manifest->digest()));
    for (const auto& [digest, index] : tags.indexes)
      for (const std::string& tag : tags.by_target.at(digest))
        if (std::find(names.begin(), names.end(), tag) != names.end() && !removes(removal, digest))
          removal.manifests.push_back({.manifest = index});
  }

  // Lists of referrers are changed when something goes that they name.
  static bool is_list(const std::vector<std::string>& tags) {
    return std::all_of(tags.begin(), tags.end(), oci::is_digest_tag);
  }

  static void check_that_nothing_needs_it(const Tags& tags, const Removal& removal) {
    for (const auto& [digest, index] : tags.indexes) {
      const std::vector<std::string>& names = tags.by_target.at(digest);
      if (is_list(names) || removes(removal, digest)) continue;
      for (const oci::Descriptor& child : index->children())
        if (removes(removal, child.digest))
          throw Error(ErrorKind::kUsage,
                      fmt::format("'{}' is a part of the index '{}:{}', which would lack it",
                                  child.digest.str(), removal.repository.name(), names.front()))
              .with_hint("delete the index first, or take the image out of it");
    }
  }

  registry::RemoteRepository& repository_;
  const Session& session_;
  copy::ManifestCache cache_;
  const oci::ManifestPtr image_;
};

// Where the registry keeps no lists of referrers, clients do, and so does who removes one.
void take_off_list(const oci::Manifest& referrer, const Removal& removal,
                   registry::RemoteRepository& repository, const Session& session) {
  const std::string tag = oci::digest_tag(referrer.subject()->digest);
  const auto list = repository.resolve(tag, session.stop);
  if (!list || !oci::is_index(list->media_type)) return;
  const bool goes_too = std::any_of(
      removal.manifests.begin(), removal.manifests.end(),
      [&](const RemovedManifest& removed) { return removed.manifest->digest() == list->digest; });
  if (goes_too) return;
  const oci::ManifestPtr index = repository.fetch_manifest(list->digest.str(), session.stop);
  if (const auto shorter = oci::list_without_referrer(*index, referrer.digest()))
    repository.push_manifest(*oci::Manifest::parse(*shorter, index->media_type()), tag,
                             session.stop);
}

}  // namespace

Removal plan_removal(const oci::Reference& image, bool with_attached, registry::Client& client,
                     const Session& session) {
  return Planning(image, client, session).run(with_attached);
}

void remove(const Removal& removal, registry::Client& client, const Session& session) {
  registry::RemoteRepository& repository = client.repository(removal.repository);
  std::size_t done = 0;
  for (const RemovedManifest& removed : removal.manifests) {
    const oci::Manifest& manifest = *removed.manifest;
    while_doing(
        [&] {
          return fmt::format("Removing '{}', after {} of {}",
                             oci::digest_reference(removal.repository, manifest.digest()), done,
                             removal.manifests.size());
        },
        [&] {
          repository.remove(manifest.digest().str(), session.stop);
          if (manifest.subject()) take_off_list(manifest, removal, repository, session);
        });
    ++done;
  }
}

}  // namespace tote::bundle
