// Sizes, rates and times as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tote::cmd {

// "512 B", "1.5 KiB", "340.0 MiB"
std::string bytes_text(std::uint64_t bytes);
// "12.1 MiB/s"
std::string rate_text(double bytes_per_second);
// "5 s", "1 min 12 s", "3 h 5 min"
std::string time_text(std::chrono::seconds time);

}  // namespace tote::cmd
