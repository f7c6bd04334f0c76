// What there is in a repository or an archive, image by image, with what people want to know first.
#pragma once

#include "archive/archive_reader.h"
#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "oci/reference.h"
#include "registry/remote_repository.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

struct ListedImage {
  std::string name;  // a tag or digest; in a file the reference that it came from
  std::optional<oci::Digest> digest = {};
  std::string media_type = {};
  std::uint64_t bytes = 0;   // manifests, configs and layers, each once; of an index what is there
  std::string created = {};  // when it says that it was made: UTC, RFC 3339; empty: it does not
  std::vector<std::string> platforms = {};  // "linux/amd64"; of an artifact none
  std::string error = {};                   // why it could not be looked at; then the rest is empty
};

// The image that a tag or digest leads to. What is damaged or gone is said in `error`; that nobody
// may read it, or that nobody answers, is thrown.
ListedImage look_at_image(const std::string& name, const oci::Repository& repository,
                          std::string_view tag_or_digest, copy::ManifestCache& cache,
                          const std::stop_token& stop);

// What the tags lead to, in their order. Error, Cancelled.
std::vector<ListedImage> list_images(const std::vector<std::string>& tags,
                                     const oci::Repository& repository, copy::ManifestCache& cache,
                                     const Session& session);

// All images of an archive or a layout, by name.
std::vector<ListedImage> list_images(const archive::ArchiveReader& archive, const Session& session);

}  // namespace tote::bundle
