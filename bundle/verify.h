// Comparing a place with what should be there, blob by blob. Nothing is changed.
#pragma once

#include "bundle/event.h"
#include "bundle/finding.h"
#include "bundle/place.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "bundle/transfer_source.h"
#include "registry/client.h"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace tote::bundle {

struct Verified {
  std::vector<Finding> findings;  // sorted by what, each once; none: all is as it should be
  std::uint64_t images = 0;       // that were looked at, those of indexes and bundles too
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;     // of blobs whose content was read
  std::uint64_t left_out = 0;  // of an archive with only what is new: layers that it builds on
};

struct VerifyRequest {
  Place place;
  // A lock or an archive that says what should be there; nullopt: the place itself, all that hangs
  // on the image that it names, or on all of an archive's.
  std::optional<TransferSource> expected = {};
  bool deep = false;                    // contents are read, not only asked for
  std::set<oci::Digest> deep_for = {};  // the same for these alone
  SignaturePolicy signatures = {};      // of the images that the place or `expected` names
  // Of a lock: an image that is missing is read where the lock says that it is, to find out what
  // else is. An archive is asked in any case.
  bool asks_expected = false;
  Observer observer = {};
};

// In a registry all of it is looked for in the repository of the place; what a bundle names and is
// not there, where its lock says that it is. Extra are images and blobs of an archive or layout,
// and tags of a repository without a tag or digest, but for what is attached to what should be
// there. An archive that can not be read at all is corrupt. Error for what can not be looked at.
Verified verify(const VerifyRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle
