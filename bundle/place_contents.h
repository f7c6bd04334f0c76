// What a place holds, whatever kind of place it is.
#pragma once

#include "bundle/place.h"
#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"
#include "oci/store.h"
#include "registry/client.h"

#include <functional>
#include <memory>
#include <vector>

namespace tote::bundle {

struct PlaceContents {
  oci::Contents contents;
  oci::OpenRepository open;  // the repositories that the contents speak of
  // Of a layer that they name; without asking a registry, which is believed to have it.
  std::function<bool(const oci::Digest&)> has_layer;
  std::shared_ptr<const void> owner = {};  // of what `open` and `has_layer` need
};

// Of an archive or a layout all that is there. Of a registry what hangs on the image that the place
// names, with what that names if it is a bundle, or without a tag or digest on all tags of the
// repository. Reads manifests and configs, and the locks of bundles. The client must outlive the
// result. Error, Cancelled.
PlaceContents read_place(const Place& place, registry::Client& client, const Session& session);

// The same of images that a copy would begin with.
PlaceContents read_images(std::vector<oci::CarriedImage> images, copy::ManifestCache& cache,
                          registry::Client& client, const Session& session);

}  // namespace tote::bundle
