// Which layers of what the far side has a new layer may have much in common with.
#pragma once

#include "bundle/since.h"
#include "oci/contents.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tote::bundle {

// A layer that lies at the far side, and the place where it can be read here.
struct FarLayer {
  oci::Descriptor blob;
  oci::Repository repository;
  const PlaceContents* place;
};

// Of each layer of `now` those of an earlier version of its image, as far as one is found: by the
// name that a lock or the image itself has, by being the bundle that was asked for, or by layers
// that both have. Of an image with as many layers it is the one in the same place, else all that
// the new image does not have. Layers without such ones are left out. `far` must outlive the
// result.
std::map<oci::Digest, std::vector<FarLayer>> pair_layers(const oci::Contents& now,
                                                         const FarSide& far);

}  // namespace tote::bundle
