// When an image says that it was made.
#pragma once

#include <string>
#include <string_view>

namespace tote::bundle {

// What Go's zero time looks like: images of imgpkg have it.
inline constexpr const char* kNoTime = "0001-01-01T00:00:00Z";

// `text` is a time of RFC 3339 ("2024-05-06T07:08:09+02:00") or seconds since 1970 behind '@', as
// for GNU date. The same moment in UTC, as Go writes it: "2024-05-06T05:08:09Z".
// Error{kUsage} with the reason alone.
std::string parse_created_time(std::string_view text);

}  // namespace tote::bundle
