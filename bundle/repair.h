// Putting right what is not as it should be in a place.
#pragma once

#include "bundle/finding.h"
#include "bundle/session.h"
#include "bundle/verify.h"
#include "registry/client.h"

#include <vector>

namespace tote::bundle {

struct Repaired {
  Verified verified;              // afterwards
  std::vector<Finding> repaired;  // what was wrong and is right now
};

// Looks as verify() does, fetches what is missing or damaged from where it is expected from (an
// archive, or where a lock says that it is), sets tags, and looks again, reading all that was sent.
// What could not be done is among the findings and says why; the rest is done all the same. Nothing
// is removed. REQUIRES: request.expected
//
// A repository gets blobs, manifests, children before their indexes, then tags. A layout is copied
// to once more, which replaces blobs that are wrong. Of an archive damaged blobs are written where
// they lie.
//
// Errors of verify(); Cancelled.
Repaired verify_and_repair(VerifyRequest request, registry::Client& client, const Session& session);

}  // namespace tote::bundle
