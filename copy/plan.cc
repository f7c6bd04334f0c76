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

[[noreturn]] void explain_schema1(const Error& error) {
  throw Error(error.kind(),
              fmt::format("Encountered an error most likely because this image is in Docker "
                          "Registry v1 format; only v2 or OCI image format is supported "
                          "(underlying error: {})",
                          error.message()));
}

[[noreturn]] void explain_absence(const oci::Repository& repository, const oci::Digest& index,
                                  const oci::Digest& child) {
  throw Error(ErrorKind::kNotFound,
              fmt::format("index '{}' names '{}', which is not there",
                          oci::digest_reference(repository, index), child.str()))
      .with_hint(
          fmt::format("the index is incomplete at its source: copy the images that are there "
                      "one by one, -i {}@DIGEST, or push the missing one there again",
                      repository.name()));
}

bool is_read(const oci::Descriptor& config) {
  return config.size <= oci::kMaxManifestSize;
}

// Fetches everything that hangs below the roots into the metadata cache, in parallel, so that the
// pass which fixes the order finds it there.
class Warmer {
 public:
  Warmer(Metadata& metadata, bool guess_schema1)
      : metadata_(metadata), guess_schema1_(guess_schema1) {}

  // `index`: what names it; null for a root.
  void fetch(const oci::Repository& repository, const oci::Digest& digest, int depth,
             const oci::Digest* index, const std::stop_token& stop) {
    if (depth == kMaxNesting) throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    if (stop.stop_requested()) throw Cancelled();
    if (!is_new(digest)) return;
    const oci::RawManifest manifest = fetch_manifest(repository, digest, index, stop);
    if (!oci::is_index(manifest.descriptor.media_type)) {
      const oci::Descriptor config = oci::parse_image_manifest(manifest).config;
      if (is_read(config)) metadata_.config(repository, config, stop);
      return;
    }
    for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
      fetch(repository, child.digest, depth + 1, &digest, stop);
  }

 private:
  oci::RawManifest fetch_manifest(const oci::Repository& repository, const oci::Digest& digest,
                                  const oci::Digest* index, const std::stop_token& stop) {
    try {
      return metadata_.manifest(repository, digest.str(), stop);
    } catch (const Error& error) {
      if (guess_schema1_ && error.has_code("MANIFEST_UNKNOWN")) explain_schema1(error);
      if (guess_schema1_) throw;
      if (index != nullptr && error.kind() == ErrorKind::kNotFound)
        explain_absence(repository, *index, digest);
      throw;
    }
  }

  bool is_new(const oci::Digest& digest) {
    const std::lock_guard lock(mutex_);
    return seen_.insert(digest).second;
  }

  Metadata& metadata_;
  const bool guess_schema1_;
  std::mutex mutex_;
  std::set<oci::Digest> seen_;  // guarded by mutex_
};

class Planner {
 public:
  Planner(Metadata& metadata, NonDistributable non_distributable, std::stop_token stop)
      : metadata_(metadata), non_distributable_(non_distributable), stop_(std::move(stop)) {}

  void add(const oci::Repository& repository, const oci::Digest& digest) {
    if (!seen_.insert(digest).second) return;
    oci::RawManifest manifest = metadata_.manifest(repository, digest.str(), stop_);
    if (oci::is_index(manifest.descriptor.media_type)) {
      const oci::ImageIndex index = oci::parse_index(manifest);
      for (const oci::Descriptor& child : index.manifests) add(repository, child.digest);
      add_layers(repository, manifest, index.blobs);
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
    if (is_read(image.config))
      configs_.try_emplace(
          image.config.digest,
          oci::CarriedConfig{image.config, metadata_.config(repository, image.config, stop_),
                             repository});
    else
      layers_.try_emplace(image.config.digest, oci::CarriedLayer{image.config, repository});
    add_layers(repository, manifest, image.layers);
  }

  void add_layers(const oci::Repository& repository, const oci::RawManifest& manifest,
                  const std::vector<oci::Descriptor>& layers) {
    RestrictedImage restricted{repository, manifest.descriptor.digest, {}};
    for (const oci::Descriptor& layer : layers) {
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

Plan plan_sorted(std::vector<oci::CarriedImage> images, Metadata& metadata,
                 const PlanOptions& options, ThreadPool& pool, const std::stop_token& stop) {
  std::stable_sort(images.begin(), images.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.reference(), a.tag) < std::tuple(b.reference(), b.tag);
  });
  const auto working_with = [](const oci::CarriedImage& image) {
    return fmt::format("Working with {}", image.reference());
  };
  Warmer warmer(metadata, options.guess_schema1);
  {
    TaskGroup group(pool, stop);
    for (const oci::CarriedImage& image : images)
      group.run([&](std::stop_token token) {
        while_doing(
            [&] { return working_with(image); },
            [&] { warmer.fetch(image.repository, image.target.digest, 0, nullptr, token); });
      });
    group.wait();
  }
  Planner planner(metadata, options.non_distributable, stop);
  for (const oci::CarriedImage& image : images)
    while_doing([&] { return working_with(image); },
                [&] { planner.add(image.repository, image.target.digest); });
  return planner.finish(std::move(images));
}

}  // namespace

Plan plan_copy(std::vector<oci::CarriedImage> images, Metadata& metadata,
               const PlanOptions& options, ThreadPool& pool, std::stop_token stop) {
  return while_doing([] { return "Collecting packaging metadata"; },
                     [&] { return plan_sorted(std::move(images), metadata, options, pool, stop); });
}

}  // namespace tote::copy
