// What other programs read to find images where they are now, from one list of moved images.
#pragma once

#include "bundle/moved_images.h"

#include <map>
#include <string>

namespace tote::bundle {

// For these three an image has to be at PREFIX/<registry>/<repository> under its own tag, with one
// PREFIX for all: they know registries, not single images. Error{kUsage} that says which is not.
//
// containerd: by registry the file "REGISTRY/hosts.toml" of its directory certs.d.
std::map<std::string, std::string> containerd_hosts(const MovedImages& images);
// For skopeo, podman, buildah and CRI-O.
std::string registries_conf(const MovedImages& images);
// An ImageDigestMirrorSet and an ImageTagMirrorSet.
std::string openshift_mirrors(const MovedImages& images);

// A kustomization's `images`. It knows repositories without tags: Error{kUsage} for a repository of
// which several images would have to get different names.
std::string kustomize_images(const MovedImages& images, bool digests);
// A Config of kbld with an override for each image.
std::string kbld_config(const MovedImages& images);

}  // namespace tote::bundle
