// The tag behind a tag: what `push --increment` gives a new version.
#pragma once

#include <string>
#include <string_view>

namespace tote::bundle::working_copy {

// Raises the smallest part that is there: "1" -> "2", "v1.0" -> "v1.1", "v1.0.9" -> "v1.0.10". A
// leading "v" stays, and so does what begins with "-": "v4.1.9-alpha" -> "v4.1.10-alpha".
// Error{kUsage} for what is no version of one to three numbers ("latest", a digest).
std::string incremented(std::string_view tag);

}  // namespace tote::bundle::working_copy
