// Working copies as people name them: DIR, DIR@VERSION.
#pragma once

#include "oci/reference.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace tote::bundle::working_copy {

struct DirectoryArgument {
  std::filesystem::path directory = ".";
  std::string version = {};  // a tag or a digest; empty: none was named
};

// "" is ".", and so is what stands in front of "@" if that is nothing. What exists under the whole
// text is meant, whatever it contains. Error{kUsage} for a second "@", or a version that is neither
// a tag nor a digest.
DirectoryArgument parse_directory_argument(std::string_view text);

// The image with another tag or digest; unchanged for "".
oci::Reference with_version(oci::Reference image, const std::string& version);

}  // namespace tote::bundle::working_copy
