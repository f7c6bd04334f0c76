// --concurrency, which several commands have.
#pragma once

#include "cmd/cli/flags.h"

#include <cstddef>
#include <optional>

namespace tote::cmd {

// How much is done at a time.
struct Concurrency {
  std::size_t threads;         // by default half of them may wait for each of two registries
  std::size_t requests;        // to one registry, however well it answers
  std::size_t first_requests;  // in the beginning
  std::size_t streams;         // large blobs; by default as many as are hashed at a time
};

struct ConcurrencyFlag {
  std::optional<int> value = {};  // nullopt: not given

  // From 1 to 256.
  void add_to(FlagSet& flags);
  // imgpkg does five things at a time, whatever they are.
  Concurrency of(bool like_imgpkg) const;
};

}  // namespace tote::cmd
