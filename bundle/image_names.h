// The record of names of their own that a copy gave to the images of a bundle: an image beside the
// copied bundle (docs/formats.md).
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

struct ImageNamed {
  std::string image;     // as the bundle's images lock names it: "registry/repository@digest"
  std::string original;  // OriginalName::name() of it: relocated_name.h
  std::string name;      // "registry/repository:tag"; the same digest is there

  friend auto operator<=>(const ImageNamed&, const ImageNamed&) = default;
};

struct ImageNames {
  std::vector<ImageNamed> images = {};  // an image that the lock has twice may have two names

  // Strict: Error{kParse} with the line.
  static ImageNames parse(std::string_view text, std::string_view origin);
  // Sorted, without repetition.
  std::string encode() const;
};

// The record of a bundle in `repository`. nullopt: there is none, or we may not look (401, 403).
std::optional<ImageNames> find_image_names(const oci::Repository& repository,
                                           const oci::Digest& bundle, copy::ManifestCache& cache,
                                           std::stop_token stop);

// The image that carries a record; its tag is image_names_tag() of the bundle.
std::unique_ptr<oci::Artifact> build_image_names(const ImageNames& names);

}  // namespace tote::bundle
