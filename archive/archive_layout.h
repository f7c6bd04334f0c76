// Where everything lies in an archive, decided before the first blob arrives (docs/formats.md).
#pragma once

#include "archive/delta.h"
#include "oci/contents.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tote::archive {

enum class ArchiveFormat {
  kImgpkg,  // a tar that imgpkg reads and that is also an OCI image layout, with hard links
  kOci,     // an OCI image layout of regular files only (image-layout.md)
  kDocker,  // the same, and a manifest.json for `docker load`
};

// Bytes that are known now: headers, padding, small entries.
struct FixedPiece {
  std::uint64_t offset;
  std::string bytes;

  std::uint64_t end() const noexcept { return offset + bytes.size(); }
};

// A layer's place.
struct LayerPlace {
  std::uint64_t offset;
  std::uint64_t size;
};

struct ArchiveLayout {
  std::vector<FixedPiece> pieces;  // in order; what is between them are layers
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
