#include "base/codec/decode_table.h"

#include <algorithm>
#include <array>

namespace tote::deflate {
namespace {

constexpr unsigned kMaxLength = 15;
constexpr Meaning kNoCode = kOther;
constexpr std::size_t kEndOfBlock = 256;

constexpr Meaning meaning(unsigned value, unsigned follow, Meaning flag = 0) {
  return value << 16U | flag | follow;
}

// RFC 1951, 3.2.5.
constexpr std::array<Meaning, 288> kLiterals = [] {
  std::array<Meaning, 288> table{};
  for (unsigned i = 0; i < kEndOfBlock; ++i) table[i] = meaning(i, 0, kLiteral);
  table[kEndOfBlock] = meaning(1, 0, kOther);
  unsigned base = 3;
  for (unsigned i = 0; i < 28; ++i) {
    const unsigned extra = i < 8 ? 0 : i / 4 - 1;
    table[257 + i] = meaning(base, extra);
    base += 1U << extra;
  }
  table[285] = meaning(258, 0);
  table[286] = table[287] = kNoCode;
  return table;
}();

constexpr std::array<Meaning, 32> kDistances = [] {
  std::array<Meaning, 32> table{};
  unsigned base = 1;
  for (unsigned i = 0; i < 30; ++i) {
    const unsigned extra = i < 4 ? 0 : i / 2 - 1;
    table[i] = meaning(base, extra);
    base += 1U << extra;
  }
  table[30] = table[31] = kNoCode;
  return table;
}();

constexpr std::array<Meaning, 19> kPlain = [] {
  std::array<Meaning, 19> table{};
  for (unsigned i = 0; i < table.size(); ++i) table[i] = meaning(i, 0, kLiteral);
  return table;
}();

unsigned reversed(unsigned code, unsigned length) {
  unsigned out = 0;
  for (; length > 0; --length, code >>= 1U) out = out << 1U | (code & 1U);
  return out;
}

// How many codes of the greatest length are left over; less than nothing: too many are used.
int left_over(const std::array<unsigned, kMaxLength + 1>& counts) {
  int left = 1;
  for (unsigned length = 1; length <= kMaxLength && left >= 0; ++length)
    left = left * 2 - static_cast<int>(counts[length]);
  return left;
}

}  // namespace

std::span<const Meaning> literal_meanings() noexcept {
  return kLiterals;
}
std::span<const Meaning> distance_meanings() noexcept {
  return kDistances;
}
std::span<const Meaning> plain_meanings() noexcept {
  return kPlain;
}

bool DecodeTable::build(std::span<const std::uint8_t> lengths, std::span<const Meaning> meanings,
                        unsigned bits, Incomplete incomplete) {
  std::array<unsigned, kMaxLength + 1> counts{};
  for (const std::uint8_t length : lengths) ++counts[length];
  counts[0] = 0;
  unsigned longest = kMaxLength;
  while (longest > 0 && counts[longest] == 0) --longest;
  if (const int left = left_over(counts);
      left < 0 || (left > 0 && (longest > 1 || incomplete == Incomplete::kNo)))
    return false;

  bits_ = bits;
  mask_ = (std::uint64_t{1} << bits) - 1;
  table_.assign(std::size_t{1} << bits, kNoCode);
  std::array<unsigned, kMaxLength + 2> next{};
  for (unsigned length = 1; length <= kMaxLength; ++length)
    next[length + 1] = (next[length] + counts[length]) << 1U;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
    if (const unsigned length = lengths[symbol]; length > 0)
      put(reversed(next[length]++, length), length, meanings[symbol] + length + (length << 8U),
          longest);
  return true;
}

// In all places whose index begins with the code.
void DecodeTable::put(unsigned code, unsigned length, Meaning meaning, unsigned longest) {
  std::size_t begin = 0;
  std::size_t size = mask_ + 1;
  if (length > bits_) {
    Meaning& first = table_[code & mask_];
    if ((first & kFurther) == 0) {
      const std::size_t where = table_.size();
      first = static_cast<Meaning>(where) << 16U | (longest - bits_) << 8U | kFurther;
      table_.resize(where + (std::size_t{1} << (longest - bits_)), kNoCode);
    }
    begin = value_of(table_[code & mask_]);
    size = std::size_t{1} << (longest - bits_);
    code >>= bits_;
    length -= bits_;
  }
  for (std::size_t i = code; i < size; i += std::size_t{1} << length) table_[begin + i] = meaning;
}

}  // namespace tote::deflate
