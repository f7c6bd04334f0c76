// The keys of values, taken apart into words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// "controllerImageVersion", "controller_image_version" and "controller-image-version" are
// {"controller", "image", "version"}; "busyboxSHA256" is {"busybox", "sha256"}, "k8sImage" is
// {"k8s", "image"}.
std::vector<std::string> words_of(std::string_view key);

// The same without a separator, for comparing: "controllerimageversion".
std::string folded(std::string_view key);

// "image", "thanosImage", "init_image".
bool is_image_key(std::string_view key);
// "images", "sidecarImages".
bool is_images_key(std::string_view key);
// Whether one of its words is "image" or "images".
bool says_image(std::string_view key);
// Whether it says that what it holds is in a registry but no image: a bundle of policies, a plugin,
// a database.
bool says_artifact(std::string_view key);

}  // namespace tote::bundle::discover
