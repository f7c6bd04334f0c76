// What is in a place though nothing says that it should be.
#pragma once

#include "bundle/finding.h"
#include "bundle/inspected_place.h"
#include "bundle/session.h"
#include "oci/digest.h"
#include "registry/client.h"

#include <set>
#include <vector>

namespace tote::bundle {

// `wanted`: the manifests that should be there. Of an archive or layout images, of a layout also
// blobs that nothing in it refers to; of a repository, if the place names no image in it, tags.
// Neither what is attached to what is wanted nor relocation records of it. Error, Cancelled.
std::vector<Finding> find_extra(InspectedPlace& place, const std::set<oci::Digest>& wanted,
                                registry::Client& client, const Session& session);

}  // namespace tote::bundle
