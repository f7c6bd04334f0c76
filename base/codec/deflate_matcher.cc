#include "base/codec/deflate_matcher.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tote::deflate {
namespace {

constexpr std::size_t kMaxMatch = 258;
constexpr std::size_t kSeed = 4;     // bytes that a slot remembers
constexpr std::size_t kMargin = 15;  // searching stops this far before the end of a piece
constexpr std::uint32_t kRebaseAt = 0x7F000000;

static_assert(std::endian::native == std::endian::little, "loads below assume it");

std::uint32_t load32(const std::byte* p) {
  std::uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

std::uint64_t load64(const std::byte* p) {
  std::uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Length of the common prefix of [a, end) and the bytes from b on.
std::size_t common_prefix(const std::byte* a, const std::byte* b, const std::byte* end) {
  const std::byte* const start = a;
  while (end - a >= 8) {
    if (const std::uint64_t difference = load64(a) ^ load64(b); difference != 0)
      return static_cast<std::size_t>(a - start) +
             static_cast<std::size_t>(std::countr_zero(difference)) / 8;
    a += 8;
    b += 8;
  }
  while (a != end && *a == *b) ++a, ++b;
  return static_cast<std::size_t>(a - start);
}

Sequence sequence(const std::byte* literals, const std::byte* match, std::size_t length,
                  std::uint32_t distance) {
  return {static_cast<std::uint16_t>(match - literals), static_cast<std::uint16_t>(length),
          static_cast<std::uint16_t>(distance - 1)};
}

}  // namespace

Matcher::Matcher() : table_{} {}

// Puts the four bytes at `index` into their slot and returns what was there.
Matcher::Slot Matcher::exchange(std::uint32_t bytes, std::size_t index) {
  Slot& slot = table_[(bytes * 0x1e35a7bdU) >> (32 - kTableBits)];
  const Slot old = slot;
  slot = {bytes, base_ + static_cast<std::uint32_t>(index)};
  return old;
}

// Keeps positions within 32 bits. What is too far back to be used stays too far back.
void Matcher::rebase() {
  const std::uint32_t shift = base_ - (kMaxDistance + 1);
  for (Slot& slot : table_) slot.position = slot.position > shift ? slot.position - shift : 0;
  base_ -= shift;
}

void Matcher::find(ConstBytes previous, ConstBytes piece, std::vector<Sequence>& sequences) {
  if (base_ >= kRebaseAt) rebase();
  const std::byte* const data = piece.data();
  const std::byte* const oldest = data - previous.size();
  const std::byte* const end = data + piece.size();
  const std::size_t stop = piece.size() - kMargin;
  const auto distance_of = [&](std::size_t index, const Slot& slot) {
    return base_ + static_cast<std::uint32_t>(index) - slot.position;
  };
  const auto finish = [&](std::size_t emitted) {
    sequences.push_back(sequence(data + emitted, end, 0, 1));
    base_ += static_cast<std::uint32_t>(piece.size());
  };

  std::size_t at = 0;       // index being looked at
  std::size_t emitted = 0;  // everything before it is in a sequence
  for (;;) {
    // Search: steps grow the longer nothing is found.
    Slot hit;
    std::uint32_t bytes = load32(data + at);
    for (std::size_t budget = 32;;) {
      const std::size_t stride = budget / 32;
      const std::size_t next = at + stride;
      budget += stride;
      if (next > stop) return finish(emitted);
      hit = exchange(bytes, at);
      if (hit.bytes == bytes && distance_of(at, hit) <= kMaxDistance) break;
      at = next;
      bytes = load32(data + at);
    }

    // Emit matches for as long as one follows another directly.
    for (;;) {
      const std::uint32_t distance = distance_of(at, hit);
      const std::byte* const match = data + at;
      at += kSeed;
      const std::byte* const earlier = data + at - distance;
      const std::byte* const limit = std::min(end, data + at + (kMaxMatch - kSeed));
      const std::size_t more = earlier < oldest ? 0 : common_prefix(data + at, earlier, limit);
      sequences.push_back(sequence(data + emitted, match, kSeed + more, distance));
      at += more;
      emitted = at;
      if (at >= stop) return finish(emitted);
      const std::uint64_t eight = load64(data + at - 1);
      exchange(static_cast<std::uint32_t>(eight), at - 1);
      bytes = static_cast<std::uint32_t>(eight >> 8U);
      hit = exchange(bytes, at);
      if (hit.bytes != bytes || distance_of(at, hit) > kMaxDistance) break;
    }
    ++at;
  }
}

}  // namespace tote::deflate
