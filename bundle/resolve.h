// Finding everything that a bundle is made of, wherever it lies.
#pragma once

#include "bundle/images_lock.h"
#include "bundle/session.h"
#include "copy/manifest_cache.h"
#include "oci/contents.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace tote::bundle {

// An image that a bundle names, and the first place where it is.
struct ResolvedImage {
  LockedImage locked;
  oci::Repository repository;
  oci::Descriptor target;
  bool is_bundle = false;
};

struct ResolvedBundle {
  oci::Repository repository;
  oci::Descriptor target;
  std::vector<ResolvedImage> images;          // in lock order, each image text once
  std::optional<oci::Digest> locations = {};  // the image of its relocation record
};

struct ResolveOptions {
  // Runs beside the first requests, if there is one; what it throws comes out rather than what they
  // throw.
  std::function<void()> check = {};
  // Whether configs are not read of images of several layers, which no bundle has. For those who
  // need the configs for nothing else: it is half of the requests. One with a bundle's label counts
  // as an image then, which else is an error.
  bool goes_by_layers = false;
  // Whether the tags of the places of images will be needed too.
  bool needs_tags = false;
};

// The bundle and, depth first in lock order, all that it reaches; each bundle once.
// Each image is looked for beside its bundle first, then where the lock says. What the relocation
// record calls an image is taken to be beside its bundle without asking. The result does not
// depend on timing. With Session::failures an image that is nowhere is left out, and whatever names
// it is incomplete. Throws Error in imgpkg's words ("Checking image existence: ...").
std::vector<ResolvedBundle> resolve_bundle(const oci::Repository& repository,
                                           const oci::Manifest& bundle, copy::ManifestCache& cache,
                                           const Session& session, ResolveOptions options = {});

}  // namespace tote::bundle
