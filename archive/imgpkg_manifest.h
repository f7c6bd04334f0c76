// manifest.json of an imgpkg archive: every manifest and config, inline (docs/formats.md).
#pragma once

#include "oci/contents.h"

#include <string>
#include <string_view>

namespace tote::archive {

// The name of a layer's entry in the archive: "sha256-<hex>.tar.gz", whatever its compression.
std::string layer_entry_name(const oci::Digest& digest);

std::string encode_imgpkg_manifest(const oci::Contents& contents);

// The reverse. Every field is hostile: raw manifests and configs have to have the digests that
// they are listed under and nesting is bounded. `layers` of the result are all that the manifests
// name, whether or not the archive holds them. Error{kParse} that begins with `origin`.
oci::Contents decode_imgpkg_manifest(std::string_view text, std::string_view origin);

}  // namespace tote::archive
