// What a manifest names, read in one pass (OCI image specification 1.1: manifest.md,
// image-index.md). Internal to testregistry/.
#pragma once

#include "oci/manifest.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
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

// The entry of `manifest` in the list of its subject's referrers; without its annotations if those
// are over 64 KiB.
std::string referrer_descriptor(const oci::Descriptor& manifest, const ManifestFacts& facts);

}  // namespace tote::testregistry
