#include "bundle/discover/resource.h"

#include "base/text.h"
#include "bundle/discover/yaml_fields.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tote::bundle::discover {
namespace {

struct Kind {
  std::string_view group;  // of the API, without version; what it begins with
  std::string_view name;
};

// Flux's ImageRepository is a repository to be watched, its HelmRepository and OCIRepository hold
// charts and manifests; a ClusterImagePolicy has patterns.
constexpr std::array<Kind, 10> kWithoutImages{
    Kind{"apiextensions.k8s.io", "CustomResourceDefinition"},
    Kind{"source.toolkit.fluxcd.io", ""},
    Kind{"image.toolkit.fluxcd.io", ""},
    Kind{"kustomize.config.k8s.io", ""},
    Kind{"policy.sigstore.dev", ""},
    Kind{"config.openshift.io", "ImageDigestMirrorSet"},
    Kind{"config.openshift.io", "ImageTagMirrorSet"},
    Kind{"operator.openshift.io", "ImageContentSourcePolicy"},
    Kind{"kbld.k14s.io", ""},
    Kind{"imgpkg.carvel.dev", ""},
};

constexpr std::array<std::string_view, 6> kWithTemplate{
    "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"};

std::string group_of(const std::string& api_version) {
  return api_version.substr(0, api_version.find('/'));
}

}  // namespace

Resource Resource::of(const Yaml& document) {
  Resource resource;
  resource.api_version = text_member(document, "apiVersion");
  resource.kind = text_member(document, "kind");
  if (const std::optional<Yaml> metadata = member(document, "metadata")) {
    resource.name = text_member(*metadata, "name");
    if (resource.name.empty()) resource.name = text_member(*metadata, "generateName");
    resource.name_space = text_member(*metadata, "namespace");
    if (const std::optional<Yaml> annotations = member(*metadata, "annotations"))
      resource.hook = text_member(*annotations, "helm.sh/hook");
  }
  return resource;
}

std::string Resource::str() const {
  if (kind.empty()) return "a document";
  std::string text = kind;
  if (!name.empty()) text += " " + (name_space.empty() ? "" : name_space + "/") + name;
  return text;
}

bool Resource::is_test() const {
  const std::vector<std::string> hooks = split(hook, ',');
  return std::any_of(hooks.begin(), hooks.end(), [](const std::string& one) {
    const std::string_view trimmed = trim(one);
    return trimmed == "test" || trimmed == "test-success" || trimmed == "test-failure";
  });
}

bool Resource::is_without_images() const {
  const std::string group = group_of(api_version);
  return std::any_of(kWithoutImages.begin(), kWithoutImages.end(), [&](const Kind& without) {
    return group == without.group && (without.name.empty() || kind == without.name);
  });
}

std::vector<std::string> Resource::pod_spec() const {
  const std::string group = group_of(api_version);
  if (group != "v1" && group != "apps" && group != "batch" && group != "extensions") return {};
  if (kind == "Pod") return {"spec"};
  if (kind == "PodTemplate") return {"template", "spec"};
  if (kind == "CronJob") return {"spec", "jobTemplate", "spec", "template", "spec"};
  const bool has_template =
      std::find(kWithTemplate.begin(), kWithTemplate.end(), kind) != kWithTemplate.end();
  if (has_template) return {"spec", "template", "spec"};
  return {};
}

}  // namespace tote::bundle::discover
