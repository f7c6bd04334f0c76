// What is in a layer, on the disk, and the layer made of it again.
#pragma once

#include "base/file.h"
#include "oci/manifest.h"

#include <cstdint>
#include <stop_token>

namespace tote::bundle {

// Writes the content of a layer, decompressed if it is compressed, from `offset` on; returns its
// length. Error{kParse} over `limit` bytes, and what `layer` throws; Cancelled.
std::uint64_t unpack_layer(Source& layer, const File& to, std::uint64_t offset, std::uint64_t limit,
                           const std::stop_token& stop);

// Whether GzipWriter makes the same bytes of the layer's content, which it leaves in `content`;
// what is larger than `limit` counts as a no. It reads little of a layer that others have
// compressed, since that shows at once. What `layer` throws; Cancelled.
bool is_reproducible(Source& layer, const File& content, std::uint64_t limit,
                     const std::stop_token& stop);

// Compresses the content. Error{kDigestMismatch} if that does not make the layer.
void pack_layer(ReaderPtr content, const oci::Descriptor& layer, const File& to,
                const std::stop_token& stop);

}  // namespace tote::bundle
