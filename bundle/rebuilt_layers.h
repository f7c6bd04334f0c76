// Layers of which an archive has patches, made again where what they are made of is
// (docs/formats.md, "Delta").
#pragma once

#include "archive/archive.h"
#include "base/file.h"
#include "oci/store.h"

#include <filesystem>
#include <memory>
#include <set>
#include <stop_token>
#include <utility>
#include <vector>

namespace tote::bundle {

// Thread-safe. Archive and base must outlive it.
class RebuiltLayers {
 public:
  // Whether a layer that the base has is read there; it may be damaged.
  enum class IfThere { kRead, kMake };

  // `base` has what the layers are made of, as far as the archive has not; null: nobody does.
  // `temporary`: a directory for what is unpacked and packed meanwhile, which takes up to 4 GiB for
  // each layer that is made.
  RebuiltLayers(const archive::Archive& archive, oci::ImageReader* base,
                std::filesystem::path temporary, IfThere if_there = IfThere::kRead)
      : archive_(archive),
        recipes_(archive.rebuilt_layers()),
        base_(base),
        temporary_(std::move(temporary)),
        if_there_(if_there) {}

  bool has(const oci::Digest& layer) const { return find(layer) != nullptr; }
  // Whether it is one of them, and what it is made of is there.
  bool can_make(const oci::Digest& layer, const std::stop_token& stop) const;
  // Made each time anew, and whole before its first byte is read; read from the base if that has
  // it. Error{kNotFound} if the base lacks what it is made of; Error{kParse},
  // Error{kDigestMismatch} if something else comes of it. REQUIRES: has(layer.digest)
  std::unique_ptr<Source> open(const oci::Descriptor& layer, std::uint64_t offset,
                               const std::stop_token& stop) const;
  // What the base would have to have, and lacks, of what all of them are made of.
  std::set<oci::Digest> lacking(const std::stop_token& stop) const;

 private:
  void add_lacking(const archive::RebuiltLayer& recipe, const std::stop_token& stop,
                   std::set<oci::Digest>& lacking) const;
  const archive::RebuiltLayer* find(const oci::Digest& layer) const;
  bool is_there(const oci::Descriptor& blob, const std::stop_token& stop) const;
  bool may_be_read(const archive::RebuiltLayer& recipe, const std::stop_token& stop) const;
  std::unique_ptr<Source> open_base(const oci::Descriptor& blob, std::uint64_t offset,
                                    const std::stop_token& stop) const;
  FilePtr make(const archive::RebuiltLayer& recipe, const std::stop_token& stop) const;
  FilePtr unpack_base(const archive::RebuiltLayer& recipe, const std::stop_token& stop) const;
  FilePtr copy_of(const oci::Descriptor& patch, const std::stop_token& stop) const;

  const archive::Archive& archive_;
  const std::vector<archive::RebuiltLayer> recipes_;
  oci::ImageReader* base_;
  std::filesystem::path temporary_;
  IfThere if_there_;
};

}  // namespace tote::bundle
