// The order in which manifests are sent.
#pragma once

#include "copy/work.h"

#include <vector>

namespace tote::copy {

// All of `manifests`, which must outlive the result, each in a later wave than those of them that
// it names or is attached to; in a wave in the order that they have. A manifest is of one wave.
// It does not recurse: what is attached may be nested as deeply as an archive likes.
std::vector<std::vector<const ManifestWork*>> in_waves(const std::vector<ManifestWork>& manifests);

}  // namespace tote::copy
