// Names of images inside of other texts: arguments, variables, embedded files. Rules R4 and R5 of
// docs/charts.md.
#pragma once

#include "bundle/discover/image_name.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

struct TextImage {
  std::size_t offset = 0;  // in bytes from the beginning of the text
  std::size_t length = 0;
  ImageName name;
};

// Whether what is called so is an image: "--proxy-image", "RELATED_IMAGES", "sidecarImage", but not
// "imagePullPolicy" or "IMAGE_REGISTRY".
bool setting_is_image(std::string_view name);
// Whether what is called so may be an OCI artifact of another kind: "--db-repository", "RULES".
bool setting_is_artifact(std::string_view name);

// What `value`, the value of a flag or variable `name` (which may be empty), names: all with a tag
// or digest if the name says that it is an image, otherwise those with a host too that are no
// labels, taints or kinds. Scripts, lists and "key=image" lines are looked through.
std::vector<TextImage> images_in_setting(std::string_view name, std::string_view value);

// What is set to a key that says that it is an image, in YAML, JSON, TOML or the like.
std::vector<TextImage> images_in_lines(std::string_view text);

}  // namespace tote::bundle::discover
