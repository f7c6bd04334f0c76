// Finding the place that a repository's images are read from.
#pragma once

#include "oci/store.h"

#include <functional>

namespace tote::copy {

// A registry client, or an archive that answers for every repository. The reader lives as long as
// whatever the function belongs to. Thread-safe.
using OpenRepository = std::function<oci::ImageReader&(const oci::Repository&)>;

}  // namespace tote::copy
