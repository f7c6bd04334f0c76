// What vectors of eight words can do alike with AVX2 and with AVX-512. Internal to
// base/sha256_lanes*.cc, as sha256_lanes_rounds.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace tote {
namespace {

struct EightWords {
  using Vector = __m256i;
  static constexpr std::size_t kLanes = 8;

  TOTE_LANES_TARGET static Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
  TOTE_LANES_TARGET static Vector broadcast(std::uint32_t word) {
    return _mm256_set1_epi32(static_cast<int>(word));
  }
  template <int kBits>
  TOTE_LANES_TARGET static Vector shift(Vector x) {
    return _mm256_srli_epi32(x, kBits);
  }
  TOTE_LANES_TARGET static Vector load(const std::uint32_t* words) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(words));
  }
  TOTE_LANES_TARGET static void store(std::uint32_t* words, Vector x) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(words), x);
  }

  // w[i]: word i of the block of each lane.
  TOTE_LANES_TARGET static void load_block(const std::byte* const* data, Vector* w) {
    load_half(data, 0, w);
    load_half(data, 32, w + 8);
  }

 private:
  // The words are big endian.
  TOTE_LANES_TARGET static Vector load_words(const std::byte* data) {
    const Vector order = _mm256_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203,
                                           0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm256_shuffle_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data)), order);
  }
  TOTE_LANES_TARGET static void load_half(const std::byte* const* data, std::size_t offset,
                                          Vector* w) {
    Vector pairs[8];
    for (std::size_t i = 0; i < 8; i += 2) {
      const Vector even = load_words(data[i] + offset);
      const Vector odd = load_words(data[i + 1] + offset);
      pairs[i] = _mm256_unpacklo_epi32(even, odd);
      pairs[i + 1] = _mm256_unpackhi_epi32(even, odd);
    }
    Vector fours[8];  // of lanes 0 to 3, then of lanes 4 to 7
    for (std::size_t i = 0; i < 8; i += 4) {
      fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
      fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
      fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
      fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      w[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
      w[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
    }
  }
};

}  // namespace
}  // namespace tote
