#include "copy/plan.h"

#include "base/error.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

namespace tote::copy {
namespace {

constexpr int kMaxNesting = 16;

// Fetches everything that hangs below the roots into the metadata cache, in parallel, so that the
// pass which fixes the order finds it there.
class Warmer {
 public:
  explicit Warmer(Metadata& metadata) : metadata_(metadata) {}

  void fetch(const oci::Repository& repository, const oci::Digest& digest, int depth,
             const std::stop_token& stop) {
    if (depth == kMaxNesting) throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    if (stop.stop_requested()) throw Cancelled();
    if (!is_new(digest)) return;
    const oci::RawManifest manifest = metadata_.manifest(repository, digest.str(), stop);
    if (!oci::is_index(manifest.descriptor.media_type)) {
      metadata_.config(repository, oci::parse_image_manifest(manifest).config, stop);
      return;
    }
    for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
      fetch(repository, child.digest, depth + 1, stop);
  }

 private:
  bool is_new(const oci::Digest& digest) {
    const std::lock_guard lock(mutex_);
    return seen_.insert(digest).second;
  }

  Metadata& metadata_;
  std::mutex mutex_;
  std::set<oci::Digest> seen_;  // guarded by mutex_
};

[[noreturn]] void explain_schema1(const Error& error) {
  throw Error(error.kind(),
              fmt::format("Encountered an error most likely because this image is in Docker "
                          "Registry v1 format; only v2 or OCI image format is supported "
                          "(underlying error: {})",
                          error.message()));
}

class Planner {
 public:
  Planner(Metadata& metadata, NonDistributable non_distributable, std::stop_token stop)
      : metadata_(metadata), non_distributable_(non_distributable), stop_(std::move(stop)) {}

  void add(const oci::Repository& repository, const oci::Digest& digest) {
    if (!seen_.insert(digest).second) return;
    oci::RawManifest manifest = metadata_.manifest(repository, digest.str(), stop_);
    if (oci::is_index(manifest.descriptor.media_type)) {
      for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
        add(repository, child.digest);
    } else {
      add_image(repository, manifest);
    }
    plan_.contents.manifests.add(std::move(manifest));
  }

  Plan finish(std::vector<oci::CarriedImage> images) {
    plan_.contents.images = std::move(images);
    for (auto& [digest, config] : configs_) {
      plan_.total_bytes += config.blob.size;
      plan_.contents.configs.push_back(std::move(config));
    }
    for (auto& [digest, layer] : layers_) {
      if (!configs_.contains(digest)) plan_.total_bytes += layer.blob.size;
      plan_.contents.layers.push_back(std::move(layer));
    }
    return std::move(plan_);
  }

 private:
  void add_image(const oci::Repository& repository, const oci::RawManifest& manifest) {
    const oci::ImageManifest image = oci::parse_image_manifest(manifest);
    configs_.try_emplace(
        image.config.digest,
        oci::CarriedConfig{image.config, metadata_.config(repository, image.config, stop_),
                           repository});
    RestrictedImage restricted{repository, manifest.descriptor.digest, {}};
    for (const oci::Descriptor& layer : image.layers) {
      const bool free = !oci::is_non_distributable(layer.media_type);
      if (!free) restricted.layers.push_back(layer.digest);
      if (free || non_distributable_ == NonDistributable::kInclude)
        layers_.try_emplace(layer.digest, oci::CarriedLayer{layer, repository});
    }
    if (!restricted.layers.empty()) plan_.restricted.push_back(std::move(restricted));
  }

  Metadata& metadata_;
  NonDistributable non_distributable_;
  std::stop_token stop_;
  std::set<oci::Digest> seen_;
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
  Plan plan_;
};

}  // namespace

Plan plan_copy(std::vector<oci::CarriedImage> images, Metadata& metadata,
               NonDistributable non_distributable, ThreadPool& pool, std::stop_token stop) {
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.reference(), a.tag) < std::tuple(b.reference(), b.tag);
  });
  const auto working_with = [](const oci::CarriedImage& image) {
    return fmt::format("Collecting packaging metadata: Working with {}", image.reference());
  };
  Warmer warmer(metadata);
  {
    TaskGroup group(pool, stop);
    for (const oci::CarriedImage& image : images)
      group.run([&](std::stop_token token) {
        while_doing([&] { return working_with(image); },
                    [&] {
                      try {
                        warmer.fetch(image.repository, image.target.digest, 0, token);
                      } catch (const Error& error) {
                        if (error.message().find("MANIFEST_UNKNOWN") != std::string::npos)
                          explain_schema1(error);
                        throw;
                      }
                    });
      });
    group.wait();
  }
  Planner planner(metadata, non_distributable, stop);
  for (const oci::CarriedImage& image : images)
    while_doing([&] { return working_with(image); },
                [&] { planner.add(image.repository, image.target.digest); });
  return planner.finish(std::move(images));
}

}  // namespace tote::copy
