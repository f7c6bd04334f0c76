// The tags of people that images keep where they all go to one repository.
#pragma once

#include "oci/contents.h"

#include <functional>
#include <string>
#include <vector>

namespace tote::bundle {

// Gives images of other content that want one tag tags with their repositories in them
// ("shop-frontend-1.0"), or those of one repository with their digests ("app-1.0-0d1ec5a1c0de"),
// for --repo-based-tags; all others keep theirs.
void separate_tags(std::vector<oci::CarriedImage>& images);

// The one image that was asked for, the bundle or the only one that is attached to none, gets `tag`
// instead of its own; empty: it keeps that. Error{kUsage} if it is not one alone.
void set_root_tag(std::vector<oci::CarriedImage>& images, const std::string& tag,
                  const std::function<bool(const oci::CarriedImage&)>& is_attached);

// Error{kUsage} if two images of other content want one tag of `destination`.
void check_tags(const std::vector<oci::CarriedImage>& images, const oci::Repository& destination);

}  // namespace tote::bundle
