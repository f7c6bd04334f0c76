// Two images that want one name.
#pragma once

#include "oci/contents.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tote::oci {

// They differ in content, but not in tag: only one of them could have it.
struct TagConflict {
  const CarriedImage* first;
  const CarriedImage* second;
};

// The first one where each image goes to the repository that `destination_of` says, in the order of
// `images`, which must outlive it; nullopt: every tag there is of one image.
std::optional<TagConflict> find_tag_conflict(
    const std::vector<CarriedImage>& images,
    const std::function<std::string(const CarriedImage&)>& destination_of);

}  // namespace tote::oci
