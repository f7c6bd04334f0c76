// Comparing a place with what should be there, blob by blob. Nothing is changed.
#pragma once

#include "bundle/event.h"
#include "bundle/place.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "bundle/transfer_source.h"
#include "registry/client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tote::bundle {

enum class FindingKind {
  kMissing,   // it should be there
  kExtra,     // it is there, and nothing says so
  kChanged,   // a name leads to something else
  kCorrupt,   // the content is not what its digest says
  kUnsigned,  // nobody whose key is trusted has signed it
};
// "missing", "extra", ...
std::string_view name_of(FindingKind kind) noexcept;

struct Finding {
  FindingKind kind;
  std::string what;  // a reference or a tag
  std::string why;   // one sentence
};

struct Verified {
  std::vector<Finding> findings;  // sorted by what, each once; none: all is as it should be
  std::uint64_t images = 0;       // that were looked at, those of indexes and bundles too
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;  // of blobs whose content was read
};

struct VerifyRequest {
  Place place;
  // A lock or an archive that says what should be there; nullopt: the place itself, all that hangs
  // on the image that it names, or on all of an archive's.
  std::optional<TransferSource> expected = {};
  bool deep = false;                // contents are read, not only asked for
  SignaturePolicy signatures = {};  // of the images that the place or `expected` names
  Observer observer = {};
};

// In a registry all of it is looked for in the repository of the place; what a bundle names and is
// not there, where its lock says that it is. Extra are images of an archive or layout, and tags of
// a repository without a tag or digest. An archive that can not be read at all is corrupt. Error
// for what can not be looked at.
Verified verify(const VerifyRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle
