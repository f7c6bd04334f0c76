// SHA-256 (FIPS 180-4) of several messages at once, one in each lane of vector registers. For
// machines without SHA instructions; on other architectures than x86-64 there are no kernels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tote {

using Sha256State = std::array<std::uint32_t, 8>;
constexpr std::size_t kSha256Block = 64;  // bytes
constexpr std::size_t kMostSha256Lanes = 8;

// A message: its state, and the next bytes of it.
struct Sha256Lane {
  Sha256State* state;
  const std::byte* data;
};

// A way to do it, with one set of instructions.
struct Sha256Kernel {
  std::string_view name;
  std::size_t lanes;  // at a time, at most kMostSha256Lanes; fewer take as long
  std::size_t worth;  // from so many on that is less work than one after the other by OpenSSL
  double slowness;    // a lane's time is so many times that of OpenSSL, which does one at a time
  // Advances each of the states by `blocks` blocks from its own data.
  // REQUIRES: 0 < lanes.size() <= the kernel's lanes; no two share a state
  void (*run)(std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept;
};

// Those that this processor can run, the best one first; may be none.
std::span<const Sha256Kernel> sha256_kernels();

}  // namespace tote
