#include "bundle/mirror_files.h"

#include "base/error.h"
#include "base/json_quote.h"
#include "base/yaml_writer.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <set>
#include <vector>

namespace tote::bundle {
namespace {

using discover::ImageName;

constexpr std::string_view kDockerHub = "docker.io";

ImageName from_of(const MovedImage& image) {
  return ImageName::parse(image.id).value();
}

// ---- mirrors of whole registries ----------------------------------------------------------------

[[noreturn]] void refuse_path(const MovedImage& image) {
  throw Error(ErrorKind::kUsage,
              fmt::format("Mirrors are of whole registries, and image '{}' is not at its own path "
                          "and tag below a prefix, but at '{}'",
                          image.id, image.to.str()))
      .with_hint("copy the bundle with --to-prefix, without --strip-registry");
}

// "PREFIX/<registry>" of an image.
std::string mirror_of(const MovedImage& image) {
  const ImageName from = from_of(image);
  const std::string& to = image.to.repository;
  const std::string& registry = from.registry;
  const std::string below = registry_in_path(registry) + "/" + from.repository;
  const bool is_below = to == below || to.ends_with("/" + below);
  const bool has_tag = from.tag.empty() || from.tag == image.to.tag;
  if (!is_below || !has_tag) refuse_path(image);
  return image.to.registry + "/" + to.substr(0, to.size() - from.repository.size() - 1);
}

// By registry. A prefix is one where every registry has one mirror; that they all have the same one
// is not asked for.
std::map<std::string, std::string> mirrors(const MovedImages& images) {
  std::map<std::string, std::string> mirrors;
  for (const MovedImage& image : images.all()) {
    const std::string mirror = mirror_of(image);
    const auto [place, is_new] = mirrors.try_emplace(from_of(image).registry, mirror);
    if (!is_new && place->second != mirror)
      throw Error(ErrorKind::kUsage, fmt::format("Images of '{}' are below '{}' and below '{}'",
                                                 place->first, place->second, mirror));
  }
  return mirrors;
}

std::string in_quotes(std::string_view text) {
  return json_quote(text, JsonEscape::kMinimal);
}

std::string upstream_of(const std::string& registry) {
  return fmt::format("https://{}", registry == kDockerHub ? "registry-1.docker.io" : registry);
}

// As tote itself speaks to them.
bool is_plain(const std::string& registry) {
  return transport::is_loopback(transport::host_of("https://" + registry));
}

std::string hosts_toml(const std::string& registry, const std::string& mirror) {
  const std::size_t slash = mirror.find('/');
  const std::string host = mirror.substr(0, slash);
  return fmt::format(
      "server = {}\n\n[host.{}]\n  capabilities = [\"pull\", \"resolve\"]\n  override_path = "
      "true\n",
      in_quotes(upstream_of(registry)),
      in_quotes(fmt::format("{}://{}/v2/{}", is_plain(host) ? "http" : "https", host,
                            mirror.substr(slash + 1))));
}

std::string mirror_set(std::string_view kind, std::string_view list,
                       const std::map<std::string, std::string>& mirrors) {
  std::string text = fmt::format(
      "apiVersion: config.openshift.io/v1\nkind: {}\nmetadata:\n  name: tote\nspec:\n  {}:\n", kind,
      list);
  for (const auto& [registry, mirror] : mirrors)
    text += fmt::format("  - mirrors:\n    - {}\n{}", yaml_scalar(mirror, 6, 4),
                        yaml_field("source", registry, 4));
  return text;
}

// ---- single images ------------------------------------------------------------------------------

// As manifests may name it, without tag and digest; tools compare texts.
std::vector<std::string> spellings(const ImageName& name) {
  std::vector<std::string> all = {name.repository_name()};
  if (name.registry != kDockerHub) return all;
  all.push_back("index." + name.repository_name());
  all.push_back(name.repository);
  constexpr std::string_view kOfficial = "library/";
  if (name.repository.starts_with(kOfficial)) {
    const std::string last = name.repository.substr(kOfficial.size());
    all.push_back(fmt::format("{}/{}", kDockerHub, last));
    all.push_back(last);
  }
  return all;
}

// What stands behind the name in kustomize.
struct Replacement {
  std::string new_name;
  std::string digest;  // empty: the tag counts
  std::string tag;
  std::string id;
};

Replacement replacement_of(const MovedImage& image, bool digests) {
  const bool has_digest = digests || image.to.tag.empty();
  return {image.to.repository_name(), has_digest ? image.to.digest : "",
          has_digest ? "" : image.to.tag, image.id};
}

// Several tags of one repository: only the name changes, if each keeps its tag.
void join(Replacement& known, const Replacement& other, const MovedImage& image) {
  const bool same = known.new_name == other.new_name;
  if (same && known.digest == other.digest && known.tag == other.tag) return;
  const std::string tag = from_of(image).tag;
  const std::string known_tag = ImageName::parse(known.id).value().tag;
  if (!same || tag.empty() || known_tag.empty() || tag != image.to.tag)
    throw Error(ErrorKind::kUsage,
                fmt::format("kustomize has one entry for a repository, and images '{}' and '{}' "
                            "would have to get different ones",
                            known.id, other.id))
        .with_hint("copy the bundle with --to-prefix, which keeps tags");
  known.digest.clear();
  known.tag.clear();
}

}  // namespace

std::map<std::string, std::string> containerd_hosts(const MovedImages& images) {
  std::map<std::string, std::string> files;
  for (const auto& [registry, mirror] : mirrors(images))
    files.emplace(registry + "/hosts.toml", hosts_toml(registry, mirror));
  return files;
}

std::string registries_conf(const MovedImages& images) {
  std::string text;
  for (const auto& [registry, mirror] : mirrors(images)) {
    text += fmt::format(
        "{}[[registry]]\nprefix = {}\nlocation = {}\n\n[[registry.mirror]]\nlocation = {}\n",
        text.empty() ? "" : "\n", in_quotes(registry), in_quotes(registry), in_quotes(mirror));
    if (is_plain(mirror.substr(0, mirror.find('/')))) text += "insecure = true\n";
  }
  return text;
}

std::string openshift_mirrors(const MovedImages& images) {
  const auto all = mirrors(images);
  return "---\n" + mirror_set("ImageDigestMirrorSet", "imageDigestMirrors", all) + "---\n" +
         mirror_set("ImageTagMirrorSet", "imageTagMirrors", all);
}

std::string kustomize_images(const MovedImages& images, bool digests) {
  std::map<std::string, Replacement> by_name;
  for (const MovedImage& image : images.all()) {
    const Replacement replacement = replacement_of(image, digests);
    for (const std::string& name : spellings(from_of(image))) {
      const auto [place, is_new] = by_name.try_emplace(name, replacement);
      if (!is_new) join(place->second, replacement, image);
    }
  }
  std::string text = by_name.empty() ? "images: []\n" : "images:\n";
  for (const auto& [name, to] : by_name) {
    std::string lines;
    if (!to.digest.empty()) lines += yaml_field("digest", to.digest, 2);
    lines += yaml_field("name", name, 2) + yaml_field("newName", to.new_name, 2);
    if (!to.tag.empty()) lines += fmt::format("  newTag: {}\n", in_quotes(to.tag));
    lines[0] = '-';
    text += lines;
  }
  return text;
}

std::string kbld_config(const MovedImages& images) {
  std::map<std::string, std::string> overrides;
  for (const MovedImage& image : images.all()) {
    ImageName from = from_of(image);
    const std::string behind = from.str().substr(from.repository_name().size());
    ImageName to = image.to;
    to.tag.clear();
    for (const std::string& name : spellings(from)) overrides.emplace(name + behind, to.str());
  }
  std::string text = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\n";
  text += overrides.empty() ? "overrides: []\n" : "overrides:\n";
  for (const auto& [image, to] : overrides)
    text += fmt::format("- {}{}  preresolved: true\n", yaml_field("image", image, 0),
                        yaml_field("newImage", to, 2));
  return text;
}

}  // namespace tote::bundle
