// What the far side has already, for copies that leave it out.
#pragma once

#include "bundle/place_contents.h"
#include "bundle/session.h"
#include "oci/digest.h"
#include "registry/client.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tote::bundle {

struct FarSide {
  std::set<oci::Digest> blobs;
  std::vector<PlaceContents> places;  // those of which there is more to read than a list
};

// What all of `places` have: archives, layouts, repositories (as of read_place()), files that
// `inventory` has written, and locks, of which it is everything that they name, where they say that
// it is. Of the images that tags of an inventory lead to, those that `source` still has are read
// there. The client must outlive the result. Error, Cancelled.
FarSide look_at_far_side(const std::vector<std::string>& places,
                         const std::optional<oci::Repository>& source, registry::Client& client,
                         const Session& session);

}  // namespace tote::bundle
