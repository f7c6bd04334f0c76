// How long ago something was, as people say it.
#pragma once

#include <chrono>
#include <string>

namespace tote::cmd {

// "5 min", "3 h", "12 d", "2 y": whole ones, rounded down. `time`: UTC, RFC 3339, as of
// bundle::parse_created_time(); empty for one that is still to come, for "", and for what is none.
std::string age_text(const std::string& time, std::chrono::sys_seconds now);

}  // namespace tote::cmd
