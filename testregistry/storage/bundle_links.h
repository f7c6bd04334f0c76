// What a bundle needs beside its own blobs: the images of its lock, which lie in the same
// repository once it was copied there. Internal to testregistry/.
#pragma once

#include "base/stream.h"
#include "oci/digest.h"

#include <functional>
#include <memory>
#include <string>

namespace tote::testregistry {

struct ManifestFacts;
struct ManifestLinks;

// A blob of the repository; null: it is not there.
using OpenBlob = std::function<std::unique_ptr<Source>(const oci::Digest&)>;

// Adds the digests that stand in .imgpkg/images.yml of a bundle's layers, whatever the text says of
// them: to keep too much is better than to lose an image. Nothing for what is no bundle. Untrusted.
// A bundle that can not be read, or is too large to look into, needs everything: another client may
// be able to read it. Returns why, or nothing.
std::string add_bundle_links(const ManifestFacts& facts, const OpenBlob& open_blob,
                             ManifestLinks& links);

}  // namespace tote::testregistry
