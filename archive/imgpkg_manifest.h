// manifest.json of an imgpkg archive: every manifest and config, inline (docs/formats.md).
#pragma once

#include "archive/oci_layout.h"
#include "base/json.h"
#include "oci/contents.h"

#include <cstdint>
#include <string>

namespace tote::archive {

inline constexpr const char* kManifestJson = "manifest.json";

// Of the whole file, which repeats every manifest and config of every index.
inline constexpr std::uint64_t kMaxManifestJson = 128U << 20U;

// The name of a layer's entry in the archive: "sha256-<hex>.tar.gz", whatever its compression.
std::string layer_entry_name(const oci::Digest& digest);

// What decode_imgpkg_manifest() would refuse of it is refused here, with the same error.
std::string encode_imgpkg_manifest(const oci::Contents& contents);

// The reverse. Every field is hostile: raw manifests and configs have to have the digests that
// they are listed under and nesting is bounded. `layers` of the result are all that the manifests
// name, whether or not the archive holds them. Error{kParse} that begins "manifest.json: ".
oci::Contents decode_imgpkg_manifest(std::string_view manifest_json, const ReadBlob& read_blob);

}  // namespace tote::archive
