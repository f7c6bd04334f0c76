// The rounds of SHA-256 for any vectors. Internal to base/sha256_lanes*.cc, each of which defines
// TOTE_LANES_TARGET, the attribute with its instructions, before it includes this: a template can
// not be given it, and a file compiled with them could leave copies of inline functions that
// other machines can not run.
#pragma once

#include "base/sha256_lanes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tote {
namespace {

constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// `Ops` has the type of a vector with a word of each lane, and what is done with such.
template <class Ops>
struct Rounds {
  using Vector = typename Ops::Vector;

  // One round; what was the variable h is the new a, what was d the new e.
  TOTE_LANES_TARGET static void round(Vector a, Vector b, Vector c, Vector& d, Vector e, Vector f,
                                      Vector g, Vector& h, Vector input) {
    const Vector sum1 = Ops::exclusive_or(Ops::template rotate<6>(e), Ops::template rotate<11>(e),
                                          Ops::template rotate<25>(e));
    const Vector sum0 = Ops::exclusive_or(Ops::template rotate<2>(a), Ops::template rotate<13>(a),
                                          Ops::template rotate<22>(a));
    const Vector first = Ops::add(Ops::add(h, input), Ops::add(sum1, Ops::choose(e, f, g)));
    d = Ops::add(d, first);
    h = Ops::add(first, Ops::add(sum0, Ops::majority(a, b, c)));
  }

  // The word of the message schedule that takes the place of w[i & 15].
  TOTE_LANES_TARGET static Vector next_word(const Vector* w, std::size_t i) {
    const Vector far = w[(i + 1) & 15U];
    const Vector near = w[(i + 14) & 15U];
    const Vector sigma0 = Ops::exclusive_or(
        Ops::template rotate<7>(far), Ops::template rotate<18>(far), Ops::template shift<3>(far));
    const Vector sigma1 =
        Ops::exclusive_or(Ops::template rotate<17>(near), Ops::template rotate<19>(near),
                          Ops::template shift<10>(near));
    return Ops::add(Ops::add(w[i & 15U], sigma0), Ops::add(w[(i + 9) & 15U], sigma1));
  }

  // Round i of sixteen, in place: instead of moving the variables on, each round names them anew.
  template <bool kMore, std::size_t i>
  TOTE_LANES_TARGET static void step(Vector* s, Vector* w, const std::uint32_t* constants) {
    round(s[(0 - i) & 7U], s[(1 - i) & 7U], s[(2 - i) & 7U], s[(3 - i) & 7U], s[(4 - i) & 7U],
          s[(5 - i) & 7U], s[(6 - i) & 7U], s[(7 - i) & 7U],
          Ops::add(w[i], Ops::broadcast(constants[i])));
    if constexpr (kMore) w[i] = next_word(w, i);
  }
  template <bool kMore, std::size_t... i>
  TOTE_LANES_TARGET static void steps(Vector* s, Vector* w, const std::uint32_t* constants,
                                      std::index_sequence<i...>) {
    (step<kMore, i>(s, w, constants), ...);
  }

  TOTE_LANES_TARGET static void block(Vector* s, Vector* w) {
    constexpr std::make_index_sequence<16> kSixteen;
    Vector before[8];
    for (std::size_t i = 0; i < 8; ++i) before[i] = s[i];
    for (std::size_t from = 0; from < 48; from += 16)
      steps<true>(s, w, kRoundConstants.data() + from, kSixteen);
    steps<false>(s, w, kRoundConstants.data() + 48, kSixteen);
    for (std::size_t i = 0; i < 8; ++i) s[i] = Ops::add(s[i], before[i]);
  }

  // Lanes that nobody has hash the first one's data for nothing.
  TOTE_LANES_TARGET static void run(std::span<const Sha256Lane> lanes, std::size_t blocks) {
    std::array<const std::byte*, Ops::kLanes> data;
    alignas(sizeof(Vector)) std::array<std::array<std::uint32_t, Ops::kLanes>, 8> words;
    for (std::size_t lane = 0; lane < Ops::kLanes; ++lane) {
      const Sha256Lane& from = lanes[lane < lanes.size() ? lane : 0];
      data[lane] = from.data;
      for (std::size_t i = 0; i < 8; ++i) words[i][lane] = (*from.state)[i];
    }
    Vector s[8];
    Vector w[16];
    for (std::size_t i = 0; i < 8; ++i) s[i] = Ops::load(words[i].data());
    for (; blocks != 0; --blocks) {
      Ops::load_block(data.data(), w);
      for (const std::byte*& place : data) place += kSha256Block;
      block(s, w);
    }
    for (std::size_t i = 0; i < 8; ++i) Ops::store(words[i].data(), s[i]);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      for (std::size_t i = 0; i < 8; ++i) (*lanes[lane].state)[i] = words[i][lane];
  }
};

}  // namespace
}  // namespace tote
