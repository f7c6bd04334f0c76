// What is carried, as a value: which images, which manifests, which blobs. A plan decides it, an
// archive holds it, totals and comparisons read it.
#pragma once

#include "oci/manifest.h"
#include "oci/reference.h"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tote::oci {

// An image or index that was asked for, or that something which was asked for names.
struct CarriedImage {
  Repository repository;  // where it was read
  Descriptor target;
  std::string tag;                            // to be kept at the destination; may be empty
  std::string known_as;                       // by those who name it: a reference; may be empty
  std::map<std::string, std::string> labels;  // what those who carry it say of it

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

// Manifests in the order they were added, each once, found by digest.
class ManifestList {
 public:
  ManifestList() = default;
  ManifestList(std::initializer_list<ManifestPtr> manifests);

  // False if it is there already. REQUIRES: manifest != nullptr
  bool add(ManifestPtr manifest);
  // nullptr when there is none.
  ManifestPtr find(const Digest& digest) const noexcept;

  auto begin() const noexcept { return list_.begin(); }
  auto end() const noexcept { return list_.end(); }
  const ManifestPtr& operator[](std::size_t i) const { return list_[i]; }
  std::size_t size() const noexcept { return list_.size(); }

 private:
  std::vector<ManifestPtr> list_;
  std::unordered_map<Digest, std::size_t> places_;
};

// By reference, then tag: the order of Contents::images.
void sort_images(std::vector<CarriedImage>& images);

struct Contents {
  std::vector<CarriedImage> images;    // sorted by reference
  ManifestList manifests;              // children before the indexes that name them
  std::vector<CarriedConfig> configs;  // each once, sorted by digest
  std::vector<CarriedLayer> layers;    // each once, sorted by digest; only those to be carried

  // nullptr when there is none.
  ManifestPtr find_manifest(const Digest& digest) const noexcept { return manifests.find(digest); }
  const CarriedConfig* find_config(const Digest& digest) const noexcept;
  bool carries_layer(const Digest& digest) const noexcept;
};

}  // namespace tote::oci
