// What makes one content out of another: a frame of zstd (RFC 8878) that was compressed with the
// first as its prefix, as `zstd --patch-from` writes them.
#pragma once

#include "base/stream.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tote {

// Of the two contents together: as far back as zstd can refer.
inline constexpr std::uint64_t kMaxPatched = 2ULL << 30U;

// Writes what makes `to` out of `from` to the beginning of `patch`, and returns its length;
// nullopt: it is longer than `patch`. The same library gives the same bytes. Takes up to 200 MiB of
// memory. REQUIRES: from.size() + to.size() <= kMaxPatched
std::optional<std::size_t> make_patch(ConstBytes from, ConstBytes to, MutableBytes patch);

// How much it says that it makes; nullopt: it does not say, or is no patch.
std::optional<std::uint64_t> patched_size(ConstBytes patch) noexcept;

// Fills `to`. Error{kParse} if `patch` makes anything but to.size() bytes out of `from`; it does
// not see every wrong byte. Whatever stands in `patch`, it takes no more memory than 1 MiB.
void apply_patch(ConstBytes from, ConstBytes patch, MutableBytes to);

}  // namespace tote
