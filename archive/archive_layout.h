// Where everything lies in an archive, decided before the first blob arrives (docs/formats.md).
#pragma once

#include "archive/delta.h"
#include "oci/contents.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tote::archive {

enum class ArchiveFormat {
  kImgpkg,  // a tar that imgpkg reads and that is also an OCI image layout, with hard links
  kOci,     // an OCI image layout of regular files only (image-layout.md)
  kDocker,  // the same, and a manifest.json for `docker load`
};

// A layer's place.
struct LayerPlace {
  std::uint64_t offset;
  std::uint64_t size;
};

// Of tens of thousands of images the headers and small entries are too much to be kept in memory:
// they are made when they are asked for, from the contents, which have to be there as long as that
// may happen.
struct ArchiveLayout {
  // Bytes that are known now (headers, padding, small entries) and where they lie.
  using Piece = std::function<void(std::uint64_t offset, std::string_view bytes)>;

  std::function<void(const Piece&)> for_each_piece;  // in order; what is between them are layers
  std::map<oci::Digest, LayerPlace> layers;
  std::uint64_t size = 0;  // of the whole file
};

// Throws Error if a reader of the layout that holds these would refuse it.
void check_readable(const oci::Contents& contents);

// Throws Error unless index.json and, in imgpkg's format, manifest.json can be read again: what a
// reader refuses is not written. The same contents give the same layout. `images_lock` as of
// encode_layout_index().
//
// In Docker's format Error{kUsage} as encode_docker_manifest().
//
// `delta`: what the manifests name and `contents` do not carry, since the far side has it or can
// make it; of the patches for that they are the layers. If it is not empty the format is kOci
// whatever was asked for: imgpkg could import a part of it, and so could Docker.
ArchiveLayout lay_out(const oci::Contents& contents, ArchiveFormat format,
                      const std::string& images_lock = {}, const Delta& delta = {});

}  // namespace tote::archive
