// What a manifest names, read in one pass (OCI image specification 1.1: manifest.md,
// image-index.md). Internal to testregistry/.
#pragma once

#include "oci/manifest.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tote::testregistry {

struct ManifestFacts {
  std::vector<oci::Descriptor> manifests;  // of an index
  std::vector<oci::Descriptor> blobs;      // config and layers
  std::optional<oci::Descriptor> subject;
  // What a list of referrers says of it: its own, else the type of its config; may be empty.
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

// Throws Error{kParse}. `what` names the manifest in complaints.
ManifestFacts read_facts(std::string_view bytes, std::string_view what);

// The entry of `manifest` in the list of its subject's referrers.
std::string referrer_descriptor(const oci::Descriptor& manifest, const ManifestFacts& facts);

// What garbage collection needs to know of one manifest.
struct ManifestLinks {
  std::vector<oci::Digest> needed;  // manifests and blobs that it names
  std::optional<oci::Digest> subject;
};
ManifestLinks links_of(const ManifestFacts& facts);

using LinkMap = std::unordered_map<oci::Digest, ManifestLinks>;

// Everything that `roots` keep alive: what they name, what that names, and the referrers of any of
// it. One visit per manifest.
std::unordered_set<oci::Digest> reachable(const LinkMap& manifests,
                                          const std::vector<oci::Digest>& roots);

}  // namespace tote::testregistry
