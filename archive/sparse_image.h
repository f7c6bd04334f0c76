// Indexes that are carried without all of the images that they name.
#pragma once

#include "oci/contents.h"
#include "oci/platform_choice.h"

#include <map>
#include <string>
#include <vector>

namespace tote::archive {

// One of the labels of an image, in memory and in archives: for which platforms it is carried, as
// PlatformChoice::name() writes them.
inline constexpr const char* kPlatformsLabel = "tote.platforms";

// As its label says; all, if it has none. Error{kParse} for a label that can not be read.
oci::PlatformChoice platforms_of(const std::map<std::string, std::string>& labels);

// Whether an image, or what it names, names an image that is not there.
bool is_sparse(const oci::Contents& contents, const oci::Digest& image);

// For oci::GraphOptions::follows, of what has been written somewhere: which children of `index` are
// to be there, or are there although they need not be.
template <class IsThere>
std::vector<bool> carried_children(const oci::CarriedImage& root, const oci::Manifest& index,
                                   IsThere is_there) {
  std::vector<bool> carried = platforms_of(root.labels).of(index);
  for (std::size_t i = 0; i < carried.size(); ++i)
    carried[i] = carried[i] || is_there(index.children()[i].digest);
  return carried;
}

}  // namespace tote::archive
