#include "bundle/platforms.h"

#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/json_edit.h"
#include "base/json_writer.h"
#include "oci/image_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

std::string list_of(const std::vector<oci::Platform>& platforms) {
  return oci::PlatformChoice(platforms).name();
}

[[noreturn]] void refuse(const oci::Manifest& index, const std::string& wanted) {
  throw Error(ErrorKind::kNotFound,
              fmt::format("index '{}' has no image for {}", index.digest().str(), wanted))
      .with_hint("it has these: " + oci::list_platforms(index));
}

// Makes the indexes of one copy anew.
class Rewriter {
 public:
  explicit Rewriter(oci::Contents& contents) : contents_(contents) {}

  RewrittenIndexes run() {
    oci::ManifestList manifests;
    for (const oci::ManifestPtr& manifest : contents_.manifests)  // children come first
      manifests.add(manifest->is_index() ? rewrite(manifest) : manifest);
    contents_.manifests = std::move(manifests);
    for (oci::CarriedImage& image : contents_.images)
      if (const auto found = rewritten_.find(image.target.digest); found != rewritten_.end()) {
        image.target = found->second->descriptor();
        image.labels.erase(archive::kPlatformsLabel);
      }
    oci::sort_images(contents_.images);
    RewrittenIndexes digests;
    for (const auto& [old, manifest] : rewritten_) digests.emplace(old, manifest->digest());
    return digests;
  }

 private:
  oci::ManifestPtr rewrite(const oci::ManifestPtr& index) {
    if (!archive::is_sparse(contents_, index->digest())) return index;
    JsonWriter entries;
    entries.begin_array();
    for (const Json& entry : index->json().items_of("manifests")) add(entry, entries);
    const std::string list = entries.end_array().take();
    oci::ManifestPtr made =
        oci::Manifest::parse(json_with(index->bytes(), {"manifests"}, RawJson{list}, "index"),
                             index->media_type(), index->digest().algorithm());
    rewritten_.emplace(index->digest(), made);
    return made;
  }

  // What is carried as a blob stays as it is; so does an image.
  void add(const Json& entry, JsonWriter& entries) const {
    const auto digest = oci::Digest::parse(entry.at("digest").string());
    const auto changed = rewritten_.find(digest);
    if (changed != rewritten_.end()) {
      entries.begin_object()
          .members_of(entry, {"digest", "size"})
          .member("digest", changed->second->digest().str())
          .member("size", changed->second->descriptor().size)
          .end_object();
    } else if (contents_.find_manifest(digest) || contents_.carries_layer(digest)) {
      entries.value(RawJson{entry.text()});
    }
  }

  oci::Contents& contents_;
  std::map<oci::Digest, oci::ManifestPtr> rewritten_;
};

}  // namespace

std::vector<bool> PlatformFilter::follow(const oci::Manifest& index) {
  std::vector<bool> chosen = choice_.of(index);
  std::vector<oci::Platform> missing = choice_.missing_in(index);
  if (!choice_.is_all() && missing.size() == choice_.wanted().size()) refuse(index, choice_.name());
  if (!missing.empty()) {
    const Lock lock(mutex_);
    missing_.insert_or_assign(index.digest(), std::move(missing));
  }
  if (archive_ == nullptr) return chosen;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const oci::Descriptor& child = index.children()[i];
    if (!chosen[i] || archive_->find_manifest(child.digest)) continue;
    if (!choice_.is_all() && child.platform)
      throw Error(ErrorKind::kNotFound,
                  fmt::format("the archive was made without the image for {} of index '{}'",
                              child.platform->name(), index.digest().str()));
    chosen[i] = false;
  }
  return chosen;
}

void PlatformFilter::mark(oci::Contents& contents) const {
  for (oci::CarriedImage& image : contents.images) {
    if (!archive::is_sparse(contents, image.target.digest))
      image.labels.erase(archive::kPlatformsLabel);
    else if (!choice_.is_all())
      image.labels.insert_or_assign(archive::kPlatformsLabel, choice_.name());
  }
}

std::vector<MissingPlatforms> PlatformFilter::missing() const {
  std::vector<MissingPlatforms> list;
  const Lock lock(mutex_);
  for (const auto& [index, platforms] : missing_) list.push_back({index, platforms});
  return list;
}

const oci::Descriptor& child_for(const oci::Manifest& index, const oci::Platform& machine) {
  const std::vector<oci::Descriptor>& children = index.children();
  for (const oci::Platform& runs : oci::runs_on(machine))
    for (const oci::Descriptor& child : children)
      if (child.platform && oci::is_same_machine(*child.platform, runs)) return child;
  const auto any = std::find_if(children.begin(), children.end(), [](const auto& child) {
    return !child.platform || !child.platform->is_known();
  });
  if (any == children.end()) refuse(index, list_of({machine}));
  return *any;
}

oci::ManifestPtr image_for(oci::ManifestPtr manifest, const oci::Platform& machine,
                           const oci::Repository& repository, copy::ManifestCache& cache,
                           const std::stop_token& stop) {
  for (int depth = 0; manifest->is_index() && depth < oci::kMaxIndexNesting; ++depth)
    manifest = cache.manifest(repository, child_for(*manifest, machine).digest.str(), stop);
  return manifest;
}

RewrittenIndexes rewrite_sparse_indexes(oci::Contents& contents) {
  return Rewriter(contents).run();
}

}  // namespace tote::bundle
