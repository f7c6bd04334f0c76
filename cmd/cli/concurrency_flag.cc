#include "cmd/cli/concurrency_flag.h"

#include "base/error.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

constexpr int kMost = 256;
constexpr int kDefault = 64;
constexpr std::size_t kStreams = 5;
constexpr std::size_t kFirst = 16;

}  // namespace

void ConcurrencyFlag::add_to(FlagSet& flags) {
  flags.add_int("concurrency", kDefault, "At most so many requests to a registry at a time",
                [this](int given) {
                  if (given < 1 || given > kMost)
                    throw Error(
                        ErrorKind::kUsage,
                        fmt::format("Expected --concurrency to be 1 to {}, got {}", kMost, given));
                  if (given != kDefault) value = given;
                });
}

Concurrency ConcurrencyFlag::of(bool like_imgpkg) const {
  const auto given = [&](std::size_t otherwise) {
    return value ? static_cast<std::size_t>(*value) : otherwise;
  };
  if (like_imgpkg) return {given(kStreams), given(kStreams), given(kStreams), given(kStreams)};
  const std::size_t requests = given(kDefault);
  // Who asks for less wants less done at a time.
  const std::size_t streams = given(std::max(kStreams, sha256_lanes()));
  return {value ? requests : 2 * requests, requests, std::min(requests, kFirst), streams};
}

}  // namespace tote::cmd
