// Manifests, indexes and descriptors as JSON text. The order of members is a part of it, and so of
// every digest: nobody else writes them.
#pragma once

#include "base/json_writer.h"
#include "oci/manifest.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

enum class DescriptorOrder {
  kSizeFirst,    // mediaType, size, digest: go-containerregistry's, and so imgpkg's
  kDigestFirst,  // mediaType, digest, size: image-spec's
};

// Begins an object with these three members of the descriptor and none of the others. Whoever calls
// may add members, and ends it.
JsonWriter& begin_descriptor(JsonWriter& json, const Descriptor& descriptor, DescriptorOrder order);
// These three only.
std::string encode_descriptor(const Descriptor& descriptor,
                              DescriptorOrder order = DescriptorOrder::kSizeFirst);

// What only some manifests say.
struct ManifestNotes {
  std::string artifact_type = {};
  std::optional<Descriptor> subject = {};
  std::map<std::string, std::string> annotations = {};
  bool leaves_type_out = false;  // of the manifest, as Helm does
};

// Of layers with their annotations.
std::string encode_manifest(std::string_view media_type, const Descriptor& config,
                            const std::vector<Descriptor>& layers, DescriptorOrder order,
                            const ManifestNotes& notes = {});

// `entries`: descriptors, each one JSON text.
std::string encode_index(std::string_view media_type, const std::vector<std::string>& entries,
                         const std::map<std::string, std::string>& annotations = {});

}  // namespace tote::oci
