// The tags that keep copied images alive at their destination.
#pragma once

#include "oci/contents.h"

#include <string>

namespace tote::bundle {

// "sha256-<hex>.imgpkg"; of a sha512 digest the first 64 hex digits.
std::string default_tag(const oci::Digest& digest);
// "sha256-<hex>.image-locations.imgpkg", where the relocation record of a bundle is.
std::string locations_tag(const oci::Digest& bundle);
// "sha256-<hex>.image-names.imgpkg", where the record of the names of their own is that a copy gave
// to the images of a bundle.
std::string image_names_tag(const oci::Digest& bundle);
// "<part of the original repository>-<end>": at most 49 characters of that part, and no more than
// a tag has room for.
std::string with_repository(const oci::CarriedImage& image, const std::string& end);
// "<tag>-<12 hex digits>"
std::string with_digest(const std::string& tag, const oci::Digest& digest);
// "<part of the original repository>-sha256-<hex>.imgpkg", for --repo-based-tags.
std::string repository_based_tag(const oci::CarriedImage& image);

}  // namespace tote::bundle
