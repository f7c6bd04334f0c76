// Sizes as people write them: "500000", "64KiB", "10MB", "2GiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tote::cmd {

// Throws Error{kUsage} that names the flag.
std::uint64_t parse_byte_size(std::string_view text, const std::string& flag);

}  // namespace tote::cmd
