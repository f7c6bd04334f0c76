#include "bundle/image_index.h"

#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "oci/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

constexpr const char* kUnknown = "unknown";  // BuildKit's attestations are of this system

bool is_docker(std::string_view media_type) {
  return media_type == oci::kDockerManifest;
}

class IndexBuilder {
 public:
  IndexBuilder(copy::ManifestCache& cache, std::stop_token stop)
      : cache_(cache), stop_(std::move(stop)) {}

  void add(const IndexPart& part) {
    part_ = &part;
    if (part.manifest->is_index())
      add_index(*part.manifest, 0);
    else
      add_image(*part.manifest);
  }

  BuiltIndex finish() {
    if (images_.empty()) throw Error(ErrorKind::kUsage, "there is no image to be in the index");
    const bool all_docker = std::all_of(
        images_.begin(), images_.end(),
        [](const oci::CarriedImage& image) { return is_docker(image.target.media_type); });
    const std::string_view type = all_docker ? oci::kDockerManifestList : oci::kOciIndex;
    return {oci::Manifest::parse(oci::encode_index(type, entries_), type), std::move(images_)};
  }

 private:
  // Each index once: what names others over and over would take for ever.
  void add_index(const oci::Manifest& manifest, int depth) {
    if (stop_.stop_requested()) throw Cancelled();
    if (!entered_.insert(manifest.digest()).second) return;
    if (depth == oci::kMaxIndexNesting)
      throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    for (const Json& entry : manifest.json().items_of("manifests")) add_entry(entry, depth);
  }

  void add_entry(const Json& entry, int depth) {
    const oci::Descriptor target = oci::parse_descriptor(entry);
    if (!oci::may_be_manifest(target.media_type))
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' holds '{}', which is no image but '{}'", part_->name,
                              target.digest.str(), target.media_type));
    const oci::ManifestPtr manifest =
        cache_.manifest(part_->repository, target.digest.str(), stop_);
    check_entry(target, manifest->descriptor());
    if (manifest->is_index()) return add_index(*manifest, depth + 1);
    const auto said = entry.find("platform");
    const oci::Platform platform = said ? oci::read_platform(*said) : oci::Platform{};
    if (!platform.is_known()) return add_image(*manifest);
    add(manifest->descriptor(), platform, entry.text());
  }

  // It will stand in our index as it is.
  void check_entry(const oci::Descriptor& said, const oci::Descriptor& found) const {
    if (said.size == found.size && said.media_type == found.media_type) return;
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' says of '{}' that it is a '{}' of {} bytes, but it is a '{}' of "
                            "{} bytes",
                            part_->name, said.digest.str(), said.media_type, said.size,
                            found.media_type, found.size));
  }

  void add_image(const oci::Manifest& manifest) {
    const oci::Platform platform = platform_of(manifest);
    if (!platform.is_known())
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' does not say for which platform it is", part_->name))
          .with_hint("push it with --platform");
    JsonWriter entry;
    oci::begin_descriptor(entry, manifest.descriptor(), oci::DescriptorOrder::kSizeFirst)
        .member("platform", RawJson{oci::encode_platform(platform)})
        .end_object();
    add(manifest.descriptor(), platform, entry.take());
  }

  oci::Platform platform_of(const oci::Manifest& manifest) {
    const oci::Descriptor& config = manifest.config();
    if (!oci::is_readable_config(config)) return {};  // an artifact's
    return oci::parse_config_platform(cache_.config(part_->repository, config, stop_),
                                      config.digest);
  }

  void add(const oci::Descriptor& target, const oci::Platform& platform, std::string entry) {
    if (!is_new(target.digest, platform)) return;
    entries_.push_back(std::move(entry));
    images_.push_back({part_->repository, target, {}, {}, {}});
  }

  // False if the very image is there already.
  bool is_new(const oci::Digest& digest, oci::Platform platform) {
    if (platform.architecture == "arm64" && platform.variant == "v8") platform.variant.clear();
    for (const auto& [known, known_digest, name] : platforms_) {
      if (known != platform) continue;
      if (known_digest == digest) return false;
      if (platform.os == kUnknown) continue;
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' and '{}' are both for {}", name, part_->name, platform.name()));
    }
    platforms_.push_back({std::move(platform), digest, part_->name});
    return true;
  }

  struct Known {
    oci::Platform platform;
    oci::Digest digest;
    std::string part;  // that has it
  };

  copy::ManifestCache& cache_;
  std::stop_token stop_;
  const IndexPart* part_ = nullptr;   // that is being added
  std::vector<std::string> entries_;  // each one JSON text
  std::vector<oci::CarriedImage> images_;
  std::vector<Known> platforms_;
  std::set<oci::Digest> entered_;  // indexes
};

}  // namespace

BuiltIndex build_index(const std::vector<IndexPart>& parts, copy::ManifestCache& cache,
                       std::stop_token stop) {
  IndexBuilder builder(cache, std::move(stop));
  for (const IndexPart& part : parts)
    while_doing([&] { return fmt::format("Adding '{}'", part.name); }, [&] { builder.add(part); });
  return builder.finish();
}

}  // namespace tote::bundle
