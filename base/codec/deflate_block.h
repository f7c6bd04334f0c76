// The second stage of GzipWriter: writing one piece as a deflate block (RFC 1951, 3.2.4-3.2.7).
// Internal to base/.
#pragma once

#include "base/codec/deflate_matcher.h"
#include "base/stream.h"

#include <cstdint>
#include <span>
#include <string>

namespace tote::deflate {

// Appends bits to bytes, least significant first.
class BitWriter {
 public:
  void put(std::uint64_t bits, unsigned count) {  // REQUIRES: count <= 32, bits < 2^count
    held_ |= bits << count_;
    count_ += count;
    if (count_ >= 32) spill();
  }
  void align();                                     // fills the byte with zeros
  void append(ConstBytes bytes);                    // REQUIRES: aligned
  std::string& bytes() noexcept { return bytes_; }  // whole bytes so far

 private:
  void spill();

  std::string bytes_;
  std::uint64_t held_ = 0;
  unsigned count_ = 0;
};

enum class Final { kNo, kYes };

void write_stored(BitWriter& out, ConstBytes piece, Final final);

// A block of the tokens, or of all bytes as literals where the tokens save little, or the bytes
// themselves where neither is smaller; by the rules of docs/formats.md.
void write_tokens(BitWriter& out, ConstBytes piece, std::span<const Token> tokens);
void write_literals(BitWriter& out, ConstBytes piece);

}  // namespace tote::deflate
