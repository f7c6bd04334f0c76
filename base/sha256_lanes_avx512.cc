#include "base/sha256_lanes_kernels.h"

#if defined(__x86_64__)

#define TOTE_LANES_INSTRUCTIONS target("avx512f,avx512vl")
#define TOTE_LANES_TARGET __attribute__((TOTE_LANES_INSTRUCTIONS, always_inline))
#include "base/sha256_lanes_256.h"
#include "base/sha256_lanes_rounds.h"

namespace tote {
namespace {

// What _mm256_ternarylogic_epi32 makes of three bits, as a table.
constexpr int kExclusiveOr = 0x96;
constexpr int kChoose = 0xca;
constexpr int kMajority = 0xe8;

// In half of the registers: with all of them sixteen lanes are hardly faster than these eight, and
// fewer than that slower.
struct Avx512 : EightWords {
  template <int kBits>
  TOTE_LANES_TARGET static Vector rotate(Vector x) {
    return _mm256_ror_epi32(x, kBits);
  }
  TOTE_LANES_TARGET static Vector exclusive_or(Vector a, Vector b, Vector c) {
    return _mm256_ternarylogic_epi32(a, b, c, kExclusiveOr);
  }
  TOTE_LANES_TARGET static Vector choose(Vector e, Vector f, Vector g) {
    return _mm256_ternarylogic_epi32(e, f, g, kChoose);
  }
  TOTE_LANES_TARGET static Vector majority(Vector a, Vector b, Vector c) {
    return _mm256_ternarylogic_epi32(a, b, c, kMajority);
  }
};

}  // namespace

__attribute__((TOTE_LANES_INSTRUCTIONS)) void sha256_lanes_avx512(std::span<const Sha256Lane> lanes,
                                                                  std::size_t blocks) noexcept {
  Rounds<Avx512>::run(lanes, blocks);
}

}  // namespace tote

#endif
