// What happens while work is done, as values. How it is shown, if at all, is for who listens.
#pragma once

#include "copy/work.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

namespace tote::copy {

enum class BlobOutcome { kSent, kMounted, kAlreadyThere };

// All that is to be done; nothing has moved yet.
struct WorkFound {
  const Work& work;
};
// A blob, or the rest of one, sets out. May be told several times, when a transfer breaks.
struct BlobBegun {
  const BlobWork& blob;
  std::uint64_t offset;  // the bytes that the far side has already
};
struct BlobAdvanced {
  const BlobWork& blob;
  std::uint64_t position;  // bytes that have been read of it
};
struct BlobFinished {
  const BlobWork& blob;
  BlobOutcome outcome;
  std::chrono::nanoseconds took;
};
struct ManifestPushed {
  const oci::Manifest& manifest;
  std::string_view name;  // a tag or its digest
};

// References are valid during the call alone.
using Event = std::variant<WorkFound, BlobBegun, BlobAdvanced, BlobFinished, ManifestPushed>;
// Called by any thread, but by one at a time for each execute(). Must not throw.
using Observer = std::function<void(const Event&)>;

}  // namespace tote::copy
