// What kpt has written down of where a package came from.
#pragma once

#include "bundle/working_copy/upstream_file.h"

namespace tote::bundle::working_copy {

// The upstream of a Kptfile, if it is an image; nullopt: there is none. What else is in the file is
// passed over. Error{kParse} for an upstream that is of git, or has no lock.
std::optional<UpstreamFile> parse_kptfile(std::string_view text, std::string_view origin);

// upstream.yml of a directory, or else what its Kptfile says; nullopt: neither says anything.
std::optional<UpstreamFile> load_upstream(const std::filesystem::path& directory);

}  // namespace tote::bundle::working_copy
