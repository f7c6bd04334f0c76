// Descriptors and manifests (OCI image specification 1.1: descriptor.md, manifest.md,
// image-index.md; Docker image manifest 2.2). Parsed once for what tote follows; the bytes are kept
// as received and are what is passed on.
#pragma once

#include "base/json.h"
#include "oci/digest.h"
#include "oci/platform.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
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
  // As an index says it of a child; null: it does not. Apart, since few of very many have one.
  std::shared_ptr<const Platform> platform = nullptr;
};

class Manifest;
using ManifestPtr = std::shared_ptr<const Manifest>;

// An image manifest or an index: what it names, and its bytes exactly as stored, since encoding
// them again would change the digest. Immutable, so any number of threads may share one.
class Manifest {
 public:
  // For bytes that came with `media_type` (a Content-Type header; empty: the bytes say it
  // themselves). Of Docker's type and OCI's for the same kind the bytes' own counts. Throws
  // Error{kParse} that begins "manifest sha256:...", also for bytes that call themselves the other
  // kind, an index for an image manifest or the reverse: no one may be shown two meanings of one
  // digest. So is Docker's schema 1, which can not be carried.
  static ManifestPtr parse(std::string bytes, std::string_view media_type,
                           HashAlgorithm algorithm = HashAlgorithm::kSha256);

  const Descriptor& descriptor() const noexcept { return descriptor_; }
  const Digest& digest() const noexcept { return descriptor_.digest; }
  const std::string& media_type() const noexcept { return descriptor_.media_type; }
  const std::string& bytes() const noexcept { return bytes_; }
  bool is_index() const noexcept { return is_index_; }

  // What an index names that is to be followed; none of an image. What else an index names (layers
  // of a build cache, documents) is just carried: which is which shows in the media type.
  const std::vector<Descriptor>& children() const noexcept { return children_; }
  // All blobs that it names: of an image the layers, then the config if it has one; of an index
  // what it carries.
  const std::vector<Descriptor>& blobs() const noexcept { return blobs_; }
  // Of an image, bottom up.
  std::span<const Descriptor> layers() const noexcept;
  bool has_config() const noexcept { return has_config_; }
  // Of an image; Error{kParse} if it has none.
  const Descriptor& config() const;

  // The manifest that this one is about (a signature, an SBOM).
  const std::optional<Descriptor>& subject() const noexcept { return subject_; }
  // Its own; empty if it does not say.
  const std::string& artifact_type() const noexcept { return artifact_type_; }
  const std::map<std::string, std::string>& annotations() const noexcept { return annotations_; }
  // What the bytes call themselves; may be empty.
  const std::string& own_media_type() const noexcept { return own_media_type_; }

  // Parsed anew, for members that have no name here.
  Json json() const;

 private:
  Manifest(Descriptor descriptor, std::string bytes, const Json& json);
  void read_children(const Json& json);

  Descriptor descriptor_;
  std::string bytes_;
  bool is_index_;
  bool has_config_ = false;
  std::vector<Descriptor> children_;
  std::vector<Descriptor> blobs_;
  std::optional<Descriptor> subject_;
  std::string artifact_type_;
  std::map<std::string, std::string> annotations_;
  std::string own_media_type_;
};

// What tote reads of an image configuration (config.md).
struct ImageConfig {
  std::map<std::string, std::string> labels;
  std::vector<std::string> diff_ids;  // as written; artifacts have none
};

// Error{kParse} for a manifest that calls itself something else than it is sent as, which
// registries refuse: better before its blobs have moved than after.
void check_acceptable(const Manifest& manifest);

// Whether a config is small enough to be looked into.
bool is_readable_config(const Descriptor& config) noexcept;
// These throw Error{kParse}.
ImageConfig parse_image_config(std::string_view bytes, const Digest& digest);
// Of an image configuration; empty where it says nothing.
Platform parse_config_platform(std::string_view bytes, const Digest& digest);
Descriptor parse_descriptor(const Json& json);

}  // namespace tote::oci
