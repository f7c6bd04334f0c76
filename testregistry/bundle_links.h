// What a bundle needs beside its own blobs: the images of its lock, which lie in the same
// repository once it was copied there. Internal to testregistry/.
#pragma once

#include "base/stream.h"
#include "oci/digest.h"

#include <functional>
#include <memory>
#include <vector>

namespace tote::testregistry {

struct ManifestFacts;

// A blob of the repository; null: it is not there.
using OpenBlob = std::function<std::unique_ptr<Source>(const oci::Digest&)>;

// The digests that stand in .imgpkg/images.yml of a bundle's layers, whatever the text says of
// them: to keep too much is better than to lose an image. Empty for what is no bundle. Untrusted.
// Throws Error, also for a bundle that can not be read or is too large to look into: another client
// may be able to.
std::vector<oci::Digest> digests_of_bundle_lock(const ManifestFacts& facts,
                                                const OpenBlob& open_blob);

}  // namespace tote::testregistry
