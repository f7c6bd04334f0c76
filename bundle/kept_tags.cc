#include "bundle/kept_tags.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "bundle/image_tags.h"
#include "oci/tag_conflict.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>

namespace tote::bundle {
namespace {

std::string name_of(const oci::CarriedImage& image) {
  return fmt::format("{}:{}", image.repository.name(), image.tag);
}

using NewTag = std::function<std::string(const oci::CarriedImage&)>;

void rename_conflicts(std::vector<oci::CarriedImage>& images, const NewTag& new_tag) {
  std::map<std::string, std::set<oci::Digest>> wanted;
  for (const oci::CarriedImage& image : images) wanted[image.tag].insert(image.target.digest);
  for (oci::CarriedImage& image : images)
    if (!image.tag.empty() && wanted[image.tag].size() > 1) image.tag = new_tag(image);
}

}  // namespace

void separate_tags(std::vector<oci::CarriedImage>& images) {
  rename_conflicts(images, [](const auto& image) { return with_repository(image, image.tag); });
  // Images of one repository, such as two platforms of a layout under one name.
  rename_conflicts(images,
                   [](const auto& image) { return with_digest(image.tag, image.target.digest); });
}

void set_root_tag(std::vector<oci::CarriedImage>& images, const std::string& tag,
                  const std::function<bool(const oci::CarriedImage&)>& is_attached) {
  if (tag.empty()) return;
  std::vector<oci::CarriedImage*> roots;
  for (oci::CarriedImage& image : images)
    if (image.labels.contains(archive::kRootBundleLabel)) roots.push_back(&image);
  if (roots.empty())
    for (oci::CarriedImage& image : images)
      if (!is_attached(image)) roots.push_back(&image);
  if (roots.size() != 1)
    throw Error(ErrorKind::kUsage,
                fmt::format("The tag '{}' can be of one image only, and the source names {}", tag,
                            roots.size()))
        .with_hint("--to-repo without a tag keeps those that the images have");
  roots.front()->tag = tag;
}

void check_tags(const std::vector<oci::CarriedImage>& images, const oci::Repository& destination) {
  const auto conflict = oci::find_tag_conflict(images, [](const auto&) { return ""; });
  if (!conflict) return;
  const auto [first, second] = *conflict;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("'{}' ({}) and '{}' ({}) are different images, but both would get the tag "
                  "'{}' in '{}'",
                  name_of(*first), first->target.digest.str(), name_of(*second),
                  second->target.digest.str(), first->tag, destination.name()))
      .with_hint(
          "--repo-based-tags puts the name of its repository into the tag of each, and if that is "
          "the same a part of its digest; or copy them to repositories of their own");
}

}  // namespace tote::bundle
