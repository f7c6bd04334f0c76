// Archives that leave out what the far side has (docs/formats.md, "Delta").
#pragma once

#include "oci/digest.h"
#include "oci/manifest.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::archive {

// The entry that makes an archive one of these.
inline constexpr const char* kToteDelta = "tote.delta";

// `needs`: the layers that its images need and that are not in it, sorted by digest.
std::string encode_delta(const std::vector<oci::Descriptor>& needs);
// Their digests. Error{kParse}.
std::vector<oci::Digest> decode_delta(std::string_view text);

}  // namespace tote::archive
