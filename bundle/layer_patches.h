// Inside layers: patches from which the far side makes a new layer out of those that it has.
#pragma once

#include "archive/delta.h"
#include "bundle/layer_pairs.h"
#include "bundle/session.h"
#include "oci/store.h"

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

namespace tote::bundle {

// Patches as blobs that can be opened. Immutable, so thread-safe.
class PatchFiles final : public oci::ImageReader {
 public:
  // A place that is no other.
  static const oci::Repository& name();

  void add(const oci::Descriptor& patch, FilePtr file) { files_.emplace(patch.digest, file); }

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;

 private:
  std::map<oci::Digest, FilePtr> files_;
};

struct LayerPatches {
  std::vector<archive::RebuiltLayer> layers;  // sorted by digest of the layer
  std::shared_ptr<PatchFiles> files;
  // Such as have an earlier version and travel whole: another encoder has compressed them, or they
  // have too little in common.
  std::size_t whole = 0;
};

// Of `layers`, each read once more for it, those that are worth it: GzipWriter makes the layer's
// very bytes of its content, and the patch is much smaller. Patches lie in the temporary directory
// as long as the result lives. Error, Cancelled.
LayerPatches make_patches(const std::vector<oci::CarriedLayer>& layers,
                          const std::map<oci::Digest, std::vector<FarLayer>>& far,
                          const oci::OpenRepository& from, const Session& session);

}  // namespace tote::bundle
