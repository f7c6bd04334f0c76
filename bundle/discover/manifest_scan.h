// Images in Kubernetes manifests, written by hand or rendered from a chart: rules R2 to R6 and kbld
// of docs/charts.md.
#pragma once

#include "base/yaml_reader.h"
#include "bundle/discover/discovery.h"
#include "bundle/discover/kbld_config.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// Where a reference, or a part of one, stands in the text that was scanned.
struct ImageSpot {
  enum class Part { kReference, kRegistry, kRepository, kTag, kDigest };

  Yaml scalar;             // of the text itself, not of YAML inside of it
  std::size_t offset = 0;  // in the scalar's value, in bytes
  std::size_t length = 0;
  Part part = Part::kReference;
};

struct SeenImage {
  FoundImage found;
  std::vector<ImageSpot> spots;  // never empty; one, unless the parts stand in values of their own
  ImageName written;             // what stands there, before overrides
};

struct ManifestScan {
  std::vector<SeenImage> images = {};  // in their order in the text
  std::vector<UnresolvedImage> unresolved = {};
  Report report = {};

  Discovery discovery() const;
};

// All documents of `text`, items of lists included. `origin` names it, as it is shown to people.
// Of kbld's documents in it only `kbld` counts, which should be read from all texts first. What is
// no Kubernetes object is looked through too. Error{kParse} with the line for what is no YAML.
ManifestScan scan_manifests(std::string_view text, std::string_view origin,
                            const KbldConfig& kbld = {});

}  // namespace tote::bundle::discover
