// What an image says of itself, as names and values that can be compared and shown.
#pragma once

#include "copy/manifest_cache.h"
#include "oci/manifest.h"

#include <map>
#include <stop_token>
#include <string>

namespace tote::bundle {

// "platform", "env PATH", "label NAME", "entrypoint", "annotation NAME", ...; of an index
// "platform linux/amd64", each with the digest of its image. Reads the config, if it is one of an
// image (OCI image specification 1.1: config.md). Error as of ManifestCache::config().
std::map<std::string, std::string> facts_of(const oci::Manifest& image,
                                            const oci::Repository& repository,
                                            copy::ManifestCache& cache,
                                            const std::stop_token& stop);

}  // namespace tote::bundle
