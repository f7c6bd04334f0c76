// The kernels behind sha256_kernels(), on x86-64. Internal to base/. Calling one whose instructions
// the processor does not have ends the program.
#pragma once

#include "base/sha256_lanes.h"

namespace tote {

void sha256_lanes_avx2(std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept;
void sha256_lanes_avx512(std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept;

}  // namespace tote
