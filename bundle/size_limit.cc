#include "bundle/size_limit.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text))
      .with_hint("--max-size says how much may be copied between repositories; -1: anything");
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kKiB = 1U << 10U;
  constexpr std::uint64_t kMiB = 1U << 20U;
  constexpr std::uint64_t kGiB = 1U << 30U;
  const auto in = [&](std::uint64_t unit) {
    return static_cast<double>(bytes) / static_cast<double>(unit);
  };
  if (bytes >= kGiB) return fmt::format("{:.1f} GiB", in(kGiB));
  if (bytes >= kMiB) return fmt::format("{:.1f} MiB", in(kMiB));
  if (bytes >= kKiB) return fmt::format("{:.1f} KiB", in(kKiB));
  return fmt::format("{} bytes", bytes);
}

void check_that_allowed(const SizeLimit& limit, const oci::Repository& from,
                        const oci::Repository* to) {
  if (limit == SizeLimit(0) && (to == nullptr || *to != from))
    refuse("cross-repository push is disabled");
}

void check_size(const SizeLimit& limit, const oci::Contents& contents, const oci::Repository* to,
                bool is_elsewhere) {
  if (!limit) return;
  std::uint64_t size = 0;
  const auto add = [&](const oci::Descriptor& blob, const oci::Repository& from) {
    if (is_elsewhere || to == nullptr || from != *to) size += blob.size;
  };
  for (const oci::CarriedLayer& layer : contents.layers) add(layer.blob, layer.repository);
  for (const oci::CarriedConfig& config : contents.configs)
    if (!contents.carries_layer(config.blob.digest)) add(config.blob, config.repository);
  if (*limit == 0) {
    for (const oci::CarriedImage& image : contents.images)
      check_that_allowed(limit, image.repository, is_elsewhere ? nullptr : to);
  } else if (size > *limit) {
    refuse(fmt::format("compressed artifact size {} exceeds maximum allowed size of {}",
                       size_text(size), size_text(*limit)));
  }
}

}  // namespace tote::bundle
