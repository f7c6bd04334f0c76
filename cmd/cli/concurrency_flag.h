// --concurrency, which several commands have.
#pragma once

#include "cmd/cli/flags.h"

#include <cstddef>

namespace tote::cmd {

struct ConcurrencyFlag {
  int value = 5;

  // From 1 to 256.
  void add_to(FlagSet& flags);
  std::size_t threads() const { return static_cast<std::size_t>(value); }
};

}  // namespace tote::cmd
