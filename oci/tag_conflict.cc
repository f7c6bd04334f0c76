#include "oci/tag_conflict.h"

#include <map>
#include <utility>

namespace tote::oci {

std::optional<TagConflict> find_tag_conflict(
    const std::vector<CarriedImage>& images,
    const std::function<std::string(const CarriedImage&)>& destination_of) {
  std::map<std::pair<std::string, std::string>, const CarriedImage*> owners;
  for (const CarriedImage& image : images) {
    if (image.tag.empty()) continue;
    const auto owner = owners.try_emplace({destination_of(image), image.tag}, &image).first->second;
    if (owner->target.digest != image.target.digest) return TagConflict{owner, &image};
  }
  return std::nullopt;
}

}  // namespace tote::oci
