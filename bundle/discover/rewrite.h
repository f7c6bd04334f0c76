// People's YAML with references replaced in place.
#pragma once

#include "bundle/discover/manifest_scan.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// What an image is called from now on; nothing: as it is.
using NewName = std::function<std::optional<ImageName>(const FoundImage&)>;

struct Rewritten {
  std::string text;
  std::size_t changed = 0;  // scalars
};

// `text` with the references in it that `scan`, the scan of this very text, has found replaced.
// Only the bytes of scalars with references in them differ: comments, order, quotes, line breaks
// and a byte order mark are kept. A digest for which an image in parts has no key goes behind its
// tag. The result is read again and compared before it is returned. `origin` is as for the scan.
// Optional images are replaced too, artifacts and embedded texts among them, if `name` says so.
// Error{kParse} for a new name that may not be one.
Rewritten rewrite_manifests(std::string_view text, std::string_view origin,
                            const ManifestScan& scan, const NewName& name);

}  // namespace tote::bundle::discover
