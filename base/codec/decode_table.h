// One Huffman code (RFC 1951, 3.2.2), to be decoded. Internal to base/codec/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tote::deflate {

// What a code means, in 32 bits, since there are thousands:
//   0..4    how many bits the code has, with those that follow it
//   5..7    one of the flags, or none: a length or a distance
//   8..11   how many bits the code alone has; kFurther: how many index the table there
//   16..31  the byte, or what the bits that follow are added to; kFurther: where that table begins
using Meaning = std::uint32_t;
inline constexpr Meaning kLiteral = 1U << 5U;
inline constexpr Meaning kFurther = 1U << 6U;  // the code is longer than the first table's index
inline constexpr Meaning kOther = 1U << 7U;  // the end of the block if it has a value, else no code

constexpr unsigned all_bits(Meaning m) {
  return m & 31U;
}
constexpr unsigned code_bits(Meaning m) {
  return (m >> 8U) & 15U;
}
constexpr unsigned value_of(Meaning m) {
  return m >> 16U;
}
// With what follows the code in `bits`, which begin with the code.
constexpr std::size_t value_in(Meaning m, std::uint64_t bits) {
  return value_of(m) + ((bits & ((std::uint64_t{1} << all_bits(m)) - 1)) >> code_bits(m));
}

// The meanings of all symbols of an alphabet, as they stand in a table but for their code's length.
std::span<const Meaning> literal_meanings() noexcept;   // 288, with lengths
std::span<const Meaning> distance_meanings() noexcept;  // 32
std::span<const Meaning> plain_meanings() noexcept;     // 19: literals

class DecodeTable {
 public:
  // Of an incomplete code zlib takes one of a single bit, and none at all; not among those that
  // describe other codes.
  enum class Incomplete { kNo, kSingle };

  // `bits`: of the first table's index. False: that is no code.
  bool build(std::span<const std::uint8_t> lengths, std::span<const Meaning> meanings,
             unsigned bits, Incomplete incomplete);

  // Of the bits that come next, 15 or more.
  Meaning find(std::uint64_t next) const noexcept {
    const Meaning found = table_[next & mask_];
    return (found & kFurther) != 0 ? further(found, next) : found;
  }
  const Meaning* first() const noexcept { return table_.data(); }
  std::uint64_t mask() const noexcept { return mask_; }
  Meaning further(Meaning first, std::uint64_t next) const noexcept {
    const std::uint64_t index = (next >> bits_) & ((std::uint64_t{1} << code_bits(first)) - 1);
    return table_[value_of(first) + index];
  }

 private:
  void put(unsigned code, unsigned length, Meaning meaning, unsigned longest);

  std::vector<Meaning> table_;  // the first, then the others
  unsigned bits_ = 0;
  std::uint64_t mask_ = 0;
};

}  // namespace tote::deflate
