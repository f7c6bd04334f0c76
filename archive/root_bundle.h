// The bundle that a copy was asked for, among all that it brought, as imgpkg marks it.
#pragma once

#include "oci/contents.h"

#include <vector>

namespace tote::archive {

// One of the labels of an image, in memory and in archives.
inline constexpr const char* kRootBundleLabel = "dev.carvel.imgpkg.copy.root-bundle";

// Empty if no bundle was asked for, or nothing says which; more than one only where several copies
// went to one layout.
std::vector<const oci::CarriedImage*> root_bundles(const oci::Contents& contents);

}  // namespace tote::archive
