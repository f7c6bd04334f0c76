// Archives that leave out what the far side has (docs/formats.md, "Delta").
#pragma once

#include "oci/digest.h"
#include "oci/manifest.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tote::archive {

// The entry that makes an archive one of these.
inline constexpr const char* kToteDelta = "tote.delta";

// How a layer is made again, byte for byte, of layers that are there and of a patch: base/codec's
// GzipWriter is given what the patch makes of their contents, one after the other.
struct RebuiltLayer {
  oci::Descriptor layer;
  std::vector<oci::Descriptor> base;
  std::uint64_t base_content = 0;  // bytes of all contents of `base` together
  std::uint64_t content = 0;       // bytes of the layer's content
  oci::Descriptor patch;           // a blob of the archive (base/codec/patch.h)
};

// What is not in it of what its images need.
struct Delta {
  std::vector<oci::Descriptor> needs;  // layers that have to be there, sorted by digest
  std::vector<RebuiltLayer> rebuilt;   // sorted by digest of the layer

  bool empty() const noexcept { return needs.empty() && rebuilt.empty(); }
};

std::string encode_delta(const Delta& delta);
// Error{kParse}; what is larger than a patch can speak of too.
Delta decode_delta(std::string_view text);

}  // namespace tote::archive
