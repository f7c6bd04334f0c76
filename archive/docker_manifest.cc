#include "archive/docker_manifest.h"

#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/json_writer.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

namespace tote::archive {
namespace {

// Attestations of BuildKit's are for "unknown".
bool can_run(const oci::Manifest& image, const oci::Contents& contents) {
  if (!image.has_config()) return false;
  const oci::CarriedConfig* config = contents.find_config(image.config().digest);
  if (config == nullptr) return false;
  try {
    const oci::Digest& digest = config->blob.digest;
    const std::string os = oci::parse_config_platform(config->bytes, digest).os;
    const std::size_t layers = oci::parse_image_config(config->bytes, digest).diff_ids.size();
    return !os.empty() && os != "unknown" && layers == image.layers().size();
  } catch (const Error&) {
    return false;  // an artifact's
  }
}

class Lister {
 public:
  explicit Lister(const oci::Contents& contents) : contents_(contents) {}

  std::string list() {
    for (const oci::CarriedImage& root : contents_.images)
      if (const oci::ManifestPtr image = image_of(root)) add(root, *image);
    if (names_.empty())
      throw Error(ErrorKind::kUsage, "There is no image among what is copied that Docker could run")
          .with_hint("--tar-format oci is for everything");
    JsonWriter json;
    json.begin_array();
    for (const oci::ManifestPtr& image : contents_.manifests)
      if (const auto names = names_.find(image->digest()); names != names_.end())
        write(*image, names->second, json);
    return json.end_array().take() + "\n";
  }

 private:
  using Names = std::set<std::string>;

  // nullptr: there is none to list.
  oci::ManifestPtr image_of(const oci::CarriedImage& root) const {
    std::map<oci::Digest, oci::ManifestPtr> found;
    std::set<oci::Digest> seen;
    collect(root.target.digest, seen, found);
    if (found.size() > 1)
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' is carried for {} platforms, and Docker's format has one image "
                              "under a name",
                              root.reference(), found.size()))
          .with_hint("choose one, as with --platform linux/amd64");
    return found.empty() ? nullptr : found.begin()->second;
  }

  void collect(const oci::Digest& digest, std::set<oci::Digest>& seen,
               std::map<oci::Digest, oci::ManifestPtr>& found) const {
    const oci::ManifestPtr manifest = contents_.find_manifest(digest);
    if (manifest == nullptr || !seen.insert(digest).second) return;
    for (const oci::Descriptor& child : manifest->children()) collect(child.digest, seen, found);
    if (!manifest->is_index() && can_run(*manifest, contents_)) found.emplace(digest, manifest);
  }

  void add(const oci::CarriedImage& root, const oci::Manifest& image) {
    Names& names = names_[image.digest()];
    if (!root.tag.empty() && root.repository.registry != kNowhere)
      names.insert(fmt::format("{}:{}", root.repository.name(), root.tag));
  }

  void write(const oci::Manifest& image, const Names& names, JsonWriter& json) const {
    std::vector<std::string> layers;
    for (const oci::Descriptor& layer : image.layers()) {
      if (!contents_.carries_layer(layer.digest))
        throw Error(ErrorKind::kUsage,
                    fmt::format("Docker's format needs every layer, and '{}' of '{}' is not copied",
                                layer.digest.str(), image.digest().str()))
            .with_hint("--include-non-distributable-layers takes such layers along");
      layers.push_back(blob_path(layer.digest));
    }
    json.begin_object().member("Config", blob_path(image.config().digest));
    json.member("RepoTags", std::vector<std::string>(names.begin(), names.end()));
    json.member("Layers", layers).end_object();
  }

  const oci::Contents& contents_;
  std::map<oci::Digest, Names> names_;  // of each image that is listed
};

}  // namespace

std::string encode_docker_manifest(const oci::Contents& contents) {
  return Lister(contents).list();
}

}  // namespace tote::archive
