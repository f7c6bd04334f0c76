// What the far side has already, for copies that leave it out.
#pragma once

#include "bundle/session.h"
#include "oci/digest.h"
#include "registry/client.h"

#include <set>
#include <string>
#include <vector>

namespace tote::bundle {

// The blobs of all of `places`: archives, layouts, repositories (as of take_inventory()), files
// that `inventory` has written, and locks, of which it is everything that they name, where they
// say that it is. Error.
std::set<oci::Digest> blobs_since(const std::vector<std::string>& places, registry::Client& client,
                                  const Session& session);

}  // namespace tote::bundle
