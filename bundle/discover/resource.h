// One Kubernetes object of manifests: what it is, and what that says of its images.
#pragma once

#include "base/yaml_reader.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

struct Resource {
  std::string api_version;  // "apps/v1"; this and all below may be empty
  std::string kind;
  std::string name;
  std::string name_space;
  std::string hook;  // of Helm: "post-install"

  static Resource of(const Yaml& document);

  // "Deployment default/web"; "a document" if it does not say what it is.
  std::string str() const;
  // Whether Helm makes it for `helm test` only.
  bool is_test() const;
  // Whether it names no images that run: definitions of kinds, places of OCI artifacts, rules about
  // images, kbld's and imgpkg's own files.
  bool is_without_images() const;
  // Of what Kubernetes itself makes pods of, the keys that lead to their specification; otherwise
  // empty.
  std::vector<std::string> pod_spec() const;
};

}  // namespace tote::bundle::discover
