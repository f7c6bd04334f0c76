// What a stored manifest needs, and what a list of referrers says of one (OCI image specification
// 1.1: manifest.md, image-index.md). Internal to testregistry/.
#pragma once

#include "oci/manifest.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

// Whatever type it was stored under: collection must not lose what some type names.
struct ManifestFacts {
  std::vector<oci::Descriptor> manifests;  // of an index
  std::vector<oci::Descriptor> blobs;      // config and layers
  std::optional<oci::Descriptor> subject;
};

// Throws Error{kParse}. `what` names the manifest in complaints.
ManifestFacts read_facts(std::string_view bytes, std::string_view what);

// Its own artifact type, else the type of its config; may be empty.
std::string referrer_type(const oci::Manifest& manifest);
// The entry of `manifest` in the list of its subject's referrers; without its annotations if those
// are over 64 KiB.
std::string referrer_descriptor(const oci::Manifest& manifest);

}  // namespace tote::testregistry
