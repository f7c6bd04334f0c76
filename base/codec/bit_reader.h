// What GzipReader reads: bits, least significant first, and bytes between them. Internal to
// base/codec/.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace tote::deflate {

// A value, so that its members can be registers while a block is decoded.
struct BitPosition {
  const std::byte* at = nullptr;  // what was not loaded yet
  std::uint64_t held = 0;         // loaded bits; above `count` of them are some that come again
  unsigned count = 0;

  // At least 56 bits. REQUIRES: eight bytes to load
  void load() {
    std::uint64_t next;
    std::memcpy(&next, at, sizeof next);
    held |= next << count;
    at += (63 - count) / 8;
    count |= 56U;
  }
  void drop(unsigned bits) {  // REQUIRES: bits <= count
    held >>= bits;
    count -= bits;
  }
  std::uint64_t peek(unsigned bits) const { return held & ((std::uint64_t{1} << bits) - 1); }
};

// Not thread-safe. What the source throws comes out.
class BitReader {
 public:
  static constexpr std::ptrdiff_t kAhead = 32;

  explicit BitReader(Source& source);

  // Makes it safe to load three times: kAhead bytes lie ahead, or what comes behind the end is
  // zeros. Error{kParse} if more was dropped than there was.
  void prepare() {
    if (end_ - position_.at < kAhead) refill();
  }
  // For whoever decodes much: to be given back, and not to be used beyond what prepare() allows.
  BitPosition position() const noexcept { return position_; }
  void resume(const BitPosition& position) noexcept { position_ = position; }
  const std::byte* end() const noexcept { return end_; }

  std::uint32_t take(unsigned count);  // REQUIRES: count <= 32
  void align();
  // Bytes, when aligned: at least one, at most out.size(). Error{kParse} at the end of the input.
  std::size_t take_some(MutableBytes out);
  // What comes next, when aligned; shorter than `count` at the end of the input.
  // REQUIRES: count <= kAhead
  ConstBytes peek_bytes(std::size_t count);
  // Error{kParse}: the input is cut short, if that is why, or damaged.
  [[noreturn]] void fail() const;

 private:
  void refill();
  bool has_dropped_too_much() const noexcept;

  Source& source_;
  std::vector<std::byte> buffer_;
  BitPosition position_;
  const std::byte* end_;  // of the input in the buffer
  bool is_over_ = false;  // there is no more
};

}  // namespace tote::deflate
