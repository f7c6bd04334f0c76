// Descriptors and manifests (OCI image specification 1.1: descriptor.md, manifest.md,
// image-index.md; Docker image manifest 2.2). Parsed for what tote follows; the bytes are kept as
// received and are what is passed on.
#pragma once

#include "base/json.h"
#include "oci/digest.h"
#include "oci/platform.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::oci {

// Manifests and indexes are read into memory up to this size, and so are configs: larger ones are
// of artifacts (models, SBOMs), say nothing that tote reads, and travel like layers.
inline constexpr std::uint64_t kMaxManifestSize = 4U << 20U;

// No blob is larger than this (2^50 bytes), whatever a descriptor claims: sums of sizes stay sums.
inline constexpr std::uint64_t kMaxBlobSize = std::uint64_t{1} << 50U;

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  // bytes
  std::vector<std::string> urls = {};
  std::map<std::string, std::string> annotations = {};
};

// A manifest or index exactly as stored: re-encoding would change the digest.
struct RawManifest {
  Descriptor descriptor;
  std::string bytes;
};

struct ImageManifest {
  Descriptor config;
  std::vector<Descriptor> layers;
};

// Its children, in two lists: what is to be followed, and what is just carried (layers of a build
// cache, documents). Which is which shows in the media type.
struct ImageIndex {
  std::vector<Descriptor> manifests;
  std::vector<Descriptor> blobs = {};
};

// What tote reads of an image configuration (config.md).
struct ImageConfig {
  std::map<std::string, std::string> labels;
  std::vector<std::string> diff_ids;  // as written; artifacts have none
};

// Makes the value for bytes that came with `media_type` (a Content-Type header; empty: the bytes
// say it themselves). Of Docker's type and OCI's for the same kind the bytes' own counts. Bytes
// that call themselves the other kind, an index for an image manifest or the reverse, are
// Error{kParse}: no one may be shown two meanings of one digest. So is Docker's schema 1, which can
// not be carried.
RawManifest make_raw_manifest(std::string bytes, std::string_view media_type,
                              HashAlgorithm algorithm = HashAlgorithm::kSha256);

// Error{kParse} for a manifest that calls itself something else than it is sent as, which
// registries refuse: better before its blobs have moved than after.
void check_acceptable(const RawManifest& manifest);

// These throw Error{kParse} whose message begins with "manifest sha256:...".
ImageManifest parse_image_manifest(const RawManifest& manifest);
ImageIndex parse_index(const RawManifest& manifest);
// All blobs that it names: config and layers of an image, what an index carries.
std::vector<Descriptor> blobs_of(const RawManifest& manifest);
ImageConfig parse_image_config(std::string_view bytes, const Digest& digest);
// Of an image configuration; empty where it says nothing.
Platform parse_config_platform(std::string_view bytes, const Digest& digest);
Descriptor parse_descriptor(const Json& json);
// Type, size and digest, in Go's order; `more`: further members (`"key":value`), or nothing.
std::string encode_descriptor(const Descriptor& descriptor, std::string_view more = {});

}  // namespace tote::oci
