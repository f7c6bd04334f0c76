#include "bundle/tag_moves.h"

#include "base/error.h"
#include "bundle/image_tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace tote::bundle {
namespace {

// Where it leads now; the survey asked for the names that it is to have.
std::optional<oci::Digest> before(const copy::ManifestWork& manifest, const std::string& tag) {
  if (std::count(manifest.names.begin(), manifest.names.end(), tag) == 0)
    return manifest.manifest->digest();
  const auto elsewhere = manifest.elsewhere.find(tag);
  if (elsewhere == manifest.elsewhere.end()) return std::nullopt;
  return elsewhere->second;
}

void add(const PlaceWork& place, std::vector<PlannedTag>& tags) {
  std::map<oci::Digest, const copy::ManifestWork*> work;
  for (const copy::ManifestWork& manifest : place.work.manifests)
    work.emplace(manifest.manifest->digest(), &manifest);
  for (const PlacedImage& image : place.images) {
    const std::string& tag = image.name.tag;
    tags.push_back(
        {tag, image.digest, before(*work.at(image.digest), tag), image.name.repository.name()});
  }
}

// That of the record of names: nobody looks at it, but `tote values` does.
void add(const NamesWork& names, const oci::Repository& repository, std::vector<PlannedTag>& tags) {
  const std::string tag = image_names_tag(names.bundle);
  for (const copy::ManifestWork& manifest : names.work.manifests)
    tags.push_back({tag, manifest.manifest->digest(), before(manifest, tag), repository.name()});
}

}  // namespace

std::vector<PlannedTag> planned_tags(const RepositoryWork& work) {
  std::vector<PlannedTag> tags;
  for (const TagWork& tag : work.tags)
    tags.push_back({tag.image.tag, tag.image.target.digest, tag.before});
  for (const PlaceWork& place : work.places) add(place, tags);
  return tags;
}

void refuse_moving_tags(const RepositoryWork& work, const oci::Repository& repository) {
  std::vector<PlannedTag> tags = planned_tags(work);
  for (const NamesWork& names : work.names) add(names, repository, tags);
  std::string moving;
  for (const PlannedTag& tag : tags)
    if (tag.moves())
      moving += fmt::format("{}{} leads to {}, not to {}", moving.empty() ? "" : "; ", tag.name(),
                            tag.before->str(), tag.digest.str());
  if (!moving.empty())
    throw Error(ErrorKind::kUsage,
                fmt::format("Tags of {} would move: {}", repository.name(), moving))
        .with_hint("without --no-overwrite-tags they are moved");
}

}  // namespace tote::bundle
