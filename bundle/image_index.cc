#include "bundle/image_index.h"

#include "base/error.h"
#include "oci/media_types.h"
#include "oci/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::bundle {
namespace {

constexpr int kMaxNesting = 16;
constexpr const char* kUnknown = "unknown";  // BuildKit's attestations are of this system

bool is_docker(std::string_view media_type) {
  return media_type == oci::kDockerManifest;
}

class IndexBuilder {
 public:
  IndexBuilder(copy::Metadata& metadata, std::stop_token stop)
      : metadata_(metadata), stop_(std::move(stop)) {}

  void add(const IndexPart& part) {
    part_ = &part;
    if (oci::is_index(part.manifest.descriptor.media_type))
      add_index(part.manifest, 0);
    else
      add_image(part.manifest);
  }

  BuiltIndex finish() {
    const bool all_docker = std::all_of(
        images_.begin(), images_.end(),
        [](const oci::CarriedImage& image) { return is_docker(image.target.media_type); });
    const std::string_view type = all_docker ? oci::kDockerManifestList : oci::kOciIndex;
    return {oci::make_raw_manifest(
                fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})", type,
                            entries_),
                type),
            std::move(images_)};
  }

 private:
  void add_index(const oci::RawManifest& manifest, int depth) {
    if (depth == kMaxNesting) throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    const Json index = Json::parse(manifest.bytes, manifest.descriptor.digest.str());
    for (const Json& entry : index.items_of("manifests")) add_entry(entry, depth);
  }

  void add_entry(const Json& entry, int depth) {
    const oci::Descriptor target = oci::parse_descriptor(entry);
    if (!oci::may_be_manifest(target.media_type))
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' holds '{}', which is no image but '{}'", part_->name,
                              target.digest.str(), target.media_type));
    const oci::RawManifest manifest =
        metadata_.manifest(part_->repository, target.digest.str(), stop_);
    if (oci::is_index(manifest.descriptor.media_type)) return add_index(manifest, depth + 1);
    const auto platform = entry.find("platform");
    if (!platform) return add_image(manifest);
    add(manifest.descriptor, oci::read_platform(*platform), entry.text());
  }

  void add_image(const oci::RawManifest& manifest) {
    const oci::Platform platform = platform_of(manifest);
    if (!platform.is_known())
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' does not say for which platform it is", part_->name))
          .with_hint("push it with --platform");
    add(manifest.descriptor, platform,
        oci::encode_descriptor(manifest.descriptor,
                               fmt::format(R"("platform":{})", oci::encode_platform(platform))));
  }

  oci::Platform platform_of(const oci::RawManifest& manifest) {
    const oci::Descriptor config = oci::parse_image_manifest(manifest).config;
    if (config.size > oci::kMaxManifestSize) return {};  // an artifact's
    return oci::parse_config_platform(metadata_.config(part_->repository, config, stop_),
                                      config.digest);
  }

  void add(const oci::Descriptor& target, const oci::Platform& platform, const std::string& entry) {
    check_is_new(platform);
    entries_ += (entries_.empty() ? "" : ",") + entry;
    images_.push_back({part_->repository, target, {}, {}, {}});
  }

  void check_is_new(const oci::Platform& platform) {
    if (platform.os == kUnknown) return;
    for (const auto& [known, name] : platforms_)
      if (known == platform)
        throw Error(ErrorKind::kUsage, fmt::format("'{}' and '{}' are both for {}", name,
                                                   part_->name, platform.name()));
    platforms_.emplace_back(platform, part_->name);
  }

  copy::Metadata& metadata_;
  std::stop_token stop_;
  const IndexPart* part_ = nullptr;  // that is being added
  std::string entries_;
  std::vector<oci::CarriedImage> images_;
  std::vector<std::pair<oci::Platform, std::string>> platforms_;  // with the part that has it
};

}  // namespace

BuiltIndex build_index(const std::vector<IndexPart>& parts, copy::Metadata& metadata,
                       std::stop_token stop) {
  IndexBuilder builder(metadata, std::move(stop));
  for (const IndexPart& part : parts)
    while_doing([&] { return fmt::format("Adding '{}'", part.name); }, [&] { builder.add(part); });
  return builder.finish();
}

}  // namespace tote::bundle
