// manifest.json as `docker load` reads it (Docker image specification 1.2), beside an OCI index in
// the same tar, as `docker save` has it since version 25.
#pragma once

#include "oci/contents.h"

#include <string>

namespace tote::archive {

// Lists the images that can be run: those whose config names an operating system and as many layers
// as the manifest has. What else is carried (bundles, signatures, SBOMs) is in the OCI index only.
// Of an index it is the one such image that is carried, under the index's names. Error{kUsage},
// with a hint, if several are, if a layer is not carried, or if there is nothing to list.
std::string encode_docker_manifest(const oci::Contents& contents);

}  // namespace tote::archive
