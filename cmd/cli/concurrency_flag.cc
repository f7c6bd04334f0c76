#include "cmd/cli/concurrency_flag.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

constexpr int kMost = 256;

}  // namespace

void ConcurrencyFlag::add_to(FlagSet& flags) {
  flags.add_int("concurrency", 0, value, "Concurrency").checked_by([this] {
    if (value < 1 || value > kMost)
      throw Error(ErrorKind::kUsage,
                  fmt::format("Expected --concurrency to be 1 to {}, got {}", kMost, value));
  });
}

}  // namespace tote::cmd
