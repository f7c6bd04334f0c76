// The Range header of a request (RFC 9110, section 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tote::testregistry {

struct ByteRange {
  std::uint64_t offset;
  std::uint64_t length;
};

// kWhole: there is no range, or one of several or of another unit; the RFC lets us ignore those.
enum class RangeVerdict { kWhole, kPart, kUnsatisfiable };
struct RangeRequest {
  RangeVerdict verdict = RangeVerdict::kWhole;
  ByteRange range = {};  // for kPart: within the content, at least one byte
};

// "bytes=A-B", "bytes=A-" and "bytes=-N" of a content of `size` bytes. Untrusted.
RangeRequest parse_range(std::string_view header, std::uint64_t size);

// "A-B" of an upload's Content-Range header (distribution specification, "Pushing a blob in
// chunks"), also as RFC 9110 spells it: "bytes A-B/SIZE". Untrusted.
struct ChunkRange {
  std::uint64_t first;
  std::uint64_t last;
};
std::optional<ChunkRange> parse_chunk_range(std::string_view header);

}  // namespace tote::testregistry
