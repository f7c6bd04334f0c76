// One deflate stream (RFC 1951), decoded. Internal to base/codec/.
//
// Our own, since zlib takes 1.4 times as long, and a pull spends most of its time here. It refuses
// what zlib refuses.
#pragma once

#include "base/codec/bit_reader.h"
#include "base/codec/decode_table.h"

#include <cstddef>
#include <vector>

namespace tote::deflate {

class Inflater {
 public:
  // The stream begins where `in` is.
  explicit Inflater(BitReader& in);

  // Another stream begins there.
  void begin();
  // What comes next, some 128 KiB, valid until the next call; empty at the end of the stream, and
  // `in` is aligned behind it then. Error{kParse} for what is damaged or cut short.
  ConstBytes next();

 private:
  enum class State { kBetweenBlocks, kStored, kCodes, kEnd };

  void step();
  void read_block_header();
  void read_stored_length();
  void read_codes();
  std::size_t read_lengths(std::size_t count, std::span<std::uint8_t> lengths);
  void use_fixed_codes();
  void build(std::span<const std::uint8_t> literals, std::span<const std::uint8_t> distances);
  void copy_stored();
  void decode();

  BitReader& in_;
  State state_ = State::kBetweenBlocks;
  bool is_last_ = false;         // the block is the last one
  std::size_t stored_left_ = 0;  // of a block that is stored
  DecodeTable literals_;
  DecodeTable distances_;
  std::vector<std::byte> window_;  // what matches may refer to, then what is new
  std::size_t end_ = 0;            // of what is decoded
};

}  // namespace tote::deflate
