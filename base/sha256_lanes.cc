#include "base/sha256_lanes.h"

#include "base/sha256_lanes_kernels.h"

#include <vector>

namespace tote {
namespace {

std::vector<Sha256Kernel> kernels_of_this_processor() {
  std::vector<Sha256Kernel> kernels;
#if defined(__x86_64__)
  // Both ask whether the system saves these registers, too.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
    kernels.push_back(
        {.name = "avx512", .lanes = 8, .worth = 2, .slowness = 1.5, .run = sha256_lanes_avx512});
  if (__builtin_cpu_supports("avx2"))
    kernels.push_back(
        {.name = "avx2", .lanes = 8, .worth = 4, .slowness = 3, .run = sha256_lanes_avx2});
#endif
  return kernels;
}

}  // namespace

std::span<const Sha256Kernel> sha256_kernels() {
  static const std::vector<Sha256Kernel> kKernels = kernels_of_this_processor();
  return kKernels;
}

}  // namespace tote
