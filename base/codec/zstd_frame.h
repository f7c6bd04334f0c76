// Single frames of zstd (RFC 8878), by libzstd: each is unpacked without the others.
#pragma once

#include "base/stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace tote {

// Makes frames of level 3 that say how large their content is and end with a checksum of it. The
// same content and the same libzstd give the same bytes. Not thread-safe.
class ZstdFrameEncoder {
 public:
  ZstdFrameEncoder();
  ~ZstdFrameEncoder();
  // The frame is valid until the next call.
  ConstBytes encode(ConstBytes content);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// No frame of so much content is larger.
std::size_t max_zstd_frame(std::size_t content) noexcept;

// Of four bytes or more.
bool begins_zstd_frame(ConstBytes bytes) noexcept;

struct ZstdFrameSize {
  std::size_t frame;    // bytes
  std::size_t content;  // bytes, as the frame says
};
// Of the frame that `bytes` begin with. nullopt: they begin with none, or with one that is not
// whole, does not say how large its content is, or has no checksum.
std::optional<ZstdFrameSize> zstd_frame_at(ConstBytes bytes) noexcept;

// Its last four bytes: the lower half of XXH64 of its content. REQUIRES: a whole frame
std::uint32_t zstd_frame_checksum(ConstBytes frame) noexcept;

// Fills `out` with the content of just this frame, which has to have a checksum. Error{kParse} if
// that is wrong, as is anything else. Takes no memory but for tables of libzstd's.
void decode_zstd_frame(ConstBytes frame, MutableBytes out);

}  // namespace tote
