// A described bundle as text for people, as YAML and as JSON.
#pragma once

#include "bundle/describe.h"

#include <string>

namespace tote::bundle {

// Bundles before images, each sorted by digest, relocation records and signatures last.
std::string describe_as_text(const DescribedBundle& bundle);
// "sha: ..." and the bundle, keys sorted as in every YAML file of imgpkg's; no "---".
std::string describe_as_yaml(const DescribedBundle& bundle);
// The same as JSON, indented by two blanks, with a line break at the end.
std::string describe_as_json(const DescribedBundle& bundle);

}  // namespace tote::bundle
