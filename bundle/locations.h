// The relocation record: an image beside a copied bundle which says that everything the bundle
// names is in the same repository, and which of it are bundles (docs/formats.md).
#pragma once

#include "copy/manifest_cache.h"
#include "oci/artifact.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

struct Location {
  std::string image;  // as the bundle's images lock names it: the place before the copy
  bool is_bundle = false;
};

struct Locations {
  std::vector<Location> images;
  // The image that it was read from.
  std::optional<oci::Digest> carrier = {};

  // Lenient: unknown fields are passed over. Error{kParse} for another version or kind.
  static Locations parse(std::string_view text, std::string_view origin);
  std::string encode() const;  // sorted by image
};

// The record of a bundle in `repository`. nullopt: there is none, or we may not look (401, 403).
std::optional<Locations> find_locations(const oci::Repository& repository,
                                        const oci::Digest& bundle, copy::ManifestCache& cache,
                                        std::stop_token stop);

// The image that carries a record.
std::unique_ptr<oci::Artifact> build_locations_image(const Locations& locations);

}  // namespace tote::bundle
