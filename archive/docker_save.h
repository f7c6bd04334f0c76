// Archives of `docker save` and of tools that write the same (Docker image specification 1.2):
// manifest.json names a config and layers for each image, but there are no manifests.
#pragma once

#include "archive/file_set.h"
#include "base/json.h"
#include "oci/contents.h"

#include <map>

namespace tote::archive {

struct DockerImages {
  oci::Contents contents;
  std::map<oci::Digest, FilePlace> layers;
};

// Whether manifest.json is of this kind rather than imgpkg's.
bool is_docker_save(std::string_view manifest_json);

// Gives each image an OCI manifest: configs and layers are carried as they lie there, so an image
// keeps its ID. Layers are not hashed: an uncompressed one has the digest that its config says,
// which is checked when it is read; a compressed one is hashed here. Images without a name come
// from `nowhere`. Error{kParse} that begins "manifest.json: ".
DockerImages decode_docker_save(std::string_view manifest_json, const FileSet& files,
                                const oci::Repository& nowhere);

}  // namespace tote::archive
