// The second stage of GzipWriter: writing one piece as a deflate block (RFC 1951, 3.2.4-3.2.7).
// Internal to base/.
#pragma once

#include "base/codec/deflate_matcher.h"
#include "base/stream.h"

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tote::deflate {

// Puts bits into bytes, least significant first. A value, so that its members can be registers
// while a block is written.
class BitCursor {
 public:
  BitCursor() = default;
  explicit BitCursor(std::byte* at) : at_(at) {}

  // REQUIRES: bits < 2^count; at most 56 bits between two flushes
  void add(std::uint64_t bits, unsigned count) {
    held_ |= bits << count_;
    count_ += count;
  }
  // Leaves at most seven bits. REQUIRES: eight bytes of room
  void flush() {
    std::memcpy(at_, &held_, sizeof held_);
    at_ += count_ / 8;
    held_ >>= count_ & ~7U;
    count_ %= 8;
  }
  void align() { count_ = (count_ + 7U) & ~7U; }  // fills the byte with zeros
  std::byte* at() const noexcept { return at_; }
  void move_to(std::byte* at) noexcept { at_ = at; }

 private:
  std::byte* at_ = nullptr;
  std::uint64_t held_ = 0;
  unsigned count_ = 0;
};

// Appends bits to bytes.
class BitWriter {
 public:
  // Before anything else: how many bytes may be appended until the next reserve().
  void reserve(std::size_t bytes);
  void put(std::uint64_t bits, unsigned count) {  // REQUIRES: count <= 56, bits < 2^count
    cursor_.add(bits, count);
    cursor_.flush();
  }
  void align();
  void append(ConstBytes bytes);  // REQUIRES: aligned

  // For whoever writes much: to be given back.
  BitCursor cursor() const noexcept { return cursor_; }
  void resume(const BitCursor& cursor) noexcept { cursor_ = cursor; }

  // Whole bytes so far, until they are cleared.
  ConstBytes bytes() const noexcept { return {buffer_.data(), cursor_.at()}; }
  void clear() noexcept { cursor_.move_to(buffer_.data()); }

 private:
  std::vector<std::byte> buffer_;
  BitCursor cursor_;
};

enum class Final { kNo, kYes };

// What a block of any kind may take, beside eight bytes for those of its piece.
inline constexpr std::size_t kMaxBlock = 2 * kPieceSize + 1024;

// Each reserves what it needs.
void write_stored(BitWriter& out, ConstBytes piece, Final final);
// A block of the sequences, or of all bytes as literals where the matches save little, or the bytes
// themselves where neither is smaller; by the rules of docs/formats.md.
void write_sequences(BitWriter& out, ConstBytes piece, std::span<const Sequence> sequences);
void write_literals(BitWriter& out, ConstBytes piece);

}  // namespace tote::deflate
