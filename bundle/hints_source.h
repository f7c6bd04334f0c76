// Hints that lie elsewhere: what somebody publishes about the images of a chart.
#pragma once

#include "bundle/image_search.h"
#include "bundle/session.h"
#include "registry/client.h"

#include <string>

namespace tote::bundle {

// Whether `name` begins with "https://", "http://" or "oci://".
bool is_elsewhere(const std::string& name);

// Of a web server; or of a registry, an artifact whose only layer is the file, or an image with a
// file hints.yml. Errors with "Fetching hints 'NAME'" in front. REQUIRES: is_elsewhere(name)
SearchedText fetch_hints(const std::string& name, registry::Client& client, const Session& session);

}  // namespace tote::bundle
