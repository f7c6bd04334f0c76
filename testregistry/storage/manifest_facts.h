// What a stored manifest needs (OCI image specification 1.1: manifest.md, image-index.md). Internal
// to testregistry/.
#pragma once

#include "oci/manifest.h"

#include <optional>
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

}  // namespace tote::testregistry
