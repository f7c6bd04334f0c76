#include "cmd/cli/byte_size.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tote::cmd {

std::uint64_t parse_byte_size(std::string_view text, const std::string& flag) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 9> kUnits = {
      {{"", 1},
       {"B", 1},
       {"KiB", 1ULL << 10U},
       {"MiB", 1ULL << 20U},
       {"GiB", 1ULL << 30U},
       {"TiB", 1ULL << 40U},
       {"KB", 1'000},
       {"MB", 1'000'000},
       {"GB", 1'000'000'000}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number(text.substr(0, digits));
  for (const auto& [unit, factor] : kUnits)
    if (number && text.substr(digits) == unit && *number <= INT64_MAX / factor)
      return *number * factor;
  throw Error(ErrorKind::kUsage,
              fmt::format("Expected {} as a size like 500MB or 2GiB, got '{}'", flag, text));
}

}  // namespace tote::cmd
