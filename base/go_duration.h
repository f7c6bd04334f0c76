// Durations as Go writes and reads them: "30s", "1m30s", "500ms", "58.737µs".
#pragma once

#include <chrono>
#include <string>

namespace tote {

// Throws std::string: what is wrong, in Go's words.
std::chrono::milliseconds parse_go_duration(const std::string& text);
// REQUIRES: duration >= 0
std::string format_go_duration(std::chrono::nanoseconds duration);

}  // namespace tote
