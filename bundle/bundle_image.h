// Looking at images that may be bundles.
#pragma once

#include "bundle/images_lock.h"
#include "copy/manifest_cache.h"

#include <optional>
#include <stop_token>
#include <string>

namespace tote::bundle {

inline constexpr const char* kBundleLabel = "dev.carvel.imgpkg.bundle";

// Bundles in bundles, and no further: everything that follows them is bounded by this.
inline constexpr int kMaxBundleNesting = 32;

// Whether the image has the bundle label, whatever its value. An index never is a bundle.
bool is_bundle(const oci::Manifest& manifest, const oci::Repository& repository,
               copy::ManifestCache& cache, std::stop_token stop);

// The same of what is carried, with its config.
bool is_bundle(const oci::Manifest& manifest, const oci::Contents& contents);

// The first file of that name in the one layer of an image, if there is one; the whole layer is
// read and verified.
std::optional<std::string> find_file_in_image(const oci::Manifest& manifest,
                                              const oci::Repository& repository,
                                              copy::ManifestCache& cache, const std::string& name,
                                              std::stop_token stop);

// The first file of that name in the one layer of an image; the whole layer is read and verified.
// `what` ("bundle image") is for the error when it is not there.
std::string read_file_in_image(const oci::Manifest& manifest, const oci::Repository& repository,
                               copy::ManifestCache& cache, const std::string& name,
                               std::string_view what, std::stop_token stop);

// Throws Error{kParse} that begins "Reading Images from Bundle: ".
ImagesLock read_images_lock(const oci::Manifest& bundle, const oci::Repository& repository,
                            copy::ManifestCache& cache, std::stop_token stop);

}  // namespace tote::bundle
