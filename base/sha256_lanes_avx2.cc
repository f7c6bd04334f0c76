#include "base/sha256_lanes_kernels.h"

#if defined(__x86_64__)

#define TOTE_LANES_TARGET __attribute__((target("avx2"), always_inline))
#include "base/sha256_lanes_256.h"
#include "base/sha256_lanes_rounds.h"

namespace tote {
namespace {

struct Avx2 : EightWords {
  template <int kBits>
  TOTE_LANES_TARGET static Vector rotate(Vector x) {
    return _mm256_or_si256(_mm256_srli_epi32(x, kBits), _mm256_slli_epi32(x, 32 - kBits));
  }
  TOTE_LANES_TARGET static Vector exclusive_or(Vector a, Vector b, Vector c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
  }
  TOTE_LANES_TARGET static Vector choose(Vector e, Vector f, Vector g) {
    return _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)));
  }
  TOTE_LANES_TARGET static Vector majority(Vector a, Vector b, Vector c) {
    return _mm256_xor_si256(b, _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(b, c)));
  }
};

}  // namespace

__attribute__((target("avx2"))) void sha256_lanes_avx2(std::span<const Sha256Lane> lanes,
                                                       std::size_t blocks) noexcept {
  Rounds<Avx2>::run(lanes, blocks);
}

}  // namespace tote

#endif
