// What is carried, as a value: which images, which manifests, which blobs. A plan decides it, an
// archive holds it, totals and comparisons read it.
#pragma once

#include "oci/manifest.h"
#include "oci/reference.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tote::oci {

// Marks, in an archive and in memory, the bundle that was asked for among all that it brought.
inline constexpr const char* kRootBundleLabel = "dev.carvel.imgpkg.copy.root-bundle";

// An image or index that was asked for, directly or by a bundle that names it.
struct CarriedImage {
  Repository repository;  // where it was read
  Descriptor target;
  std::string tag;                            // to be kept at the destination; may be empty
  std::string original_ref;                   // as a bundle's images lock names it; may be empty
  std::map<std::string, std::string> labels;  // kRootBundleLabel, or nothing

  std::string reference() const { return digest_reference(repository, target.digest); }
};

struct CarriedLayer {
  Descriptor blob;
  Repository repository;  // where it can be read
};

// A config with its bytes: it is small, and says whether an image is a bundle.
struct CarriedConfig {
  Descriptor blob;
  std::string bytes;
  Repository repository;
};

struct Contents {
  std::vector<CarriedImage> images;    // sorted by reference
  std::vector<RawManifest> manifests;  // each once; children before the indexes that name them
  std::vector<CarriedConfig> configs;  // each once, sorted by digest
  std::vector<CarriedLayer> layers;    // each once, sorted by digest; only those to be carried

  // nullptr when there is none.
  const RawManifest* find_manifest(const Digest& digest) const noexcept;
  const CarriedConfig* find_config(const Digest& digest) const noexcept;
};

}  // namespace tote::oci
