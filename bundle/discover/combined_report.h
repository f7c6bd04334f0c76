// What the report says of combined images. Internal to combine.
#pragma once

#include "bundle/discover/combine.h"

namespace tote::bundle::discover {

// Adds what there is to say of each image and of all together, and sorts it.
void add_report(Combined& result, bool is_rendered);
// Says anew which repositories are there with several tags.
void report_versions(Combined& result);

}  // namespace tote::bundle::discover
