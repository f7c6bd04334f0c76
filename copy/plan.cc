#include "copy/plan.h"

#include "base/error.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <utility>

namespace tote::copy {
namespace {

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

// Through the cache, so that what others have looked at is not fetched again.
class CachedGraph final : public oci::GraphReader {
 public:
  CachedGraph(ManifestCache& cache, bool guess_schema1)
      : cache_(cache), guess_schema1_(guess_schema1) {}

  oci::ManifestPtr manifest(const oci::Repository& repository, const oci::Descriptor& target,
                            const oci::Manifest* index, const std::stop_token& stop) override {
    try {
      return cache_.manifest(repository, target.digest.str(), stop);
    } catch (const Error& error) {
      if (guess_schema1_ && error.has_code("MANIFEST_UNKNOWN")) explain_schema1(error);
      if (!guess_schema1_ && index != nullptr && error.kind() == ErrorKind::kNotFound)
        explain_absence(repository, index->digest(), target.digest);
      throw;
    }
  }

  std::optional<std::string> config(const oci::Repository& repository, const oci::Manifest& image,
                                    const std::stop_token& stop) override {
    if (!oci::is_readable_config(image.config())) return std::nullopt;
    return cache_.config(repository, image.config(), stop);
  }

 private:
  ManifestCache& cache_;
  const bool guess_schema1_;
};

// Adds the image that this manifest is of, if it has such layers.
void add_restricted(const oci::Manifest& manifest, const oci::Repository& repository,
                    std::vector<RestrictedImage>& restricted) {
  RestrictedImage image{repository, manifest.digest(), {}};
  for (const oci::Descriptor& blob : manifest.blobs())
    if (oci::is_non_distributable(blob.media_type)) image.layers.push_back(blob.digest);
  if (!image.layers.empty()) restricted.push_back(std::move(image));
}

std::uint64_t size_of(const oci::Contents& contents) {
  std::uint64_t bytes = 0;
  for (const oci::CarriedConfig& config : contents.configs) bytes += config.blob.size;
  // An artifact's config may be one of its layers too.
  for (const oci::CarriedLayer& layer : contents.layers)
    if (contents.find_config(layer.blob.digest) == nullptr) bytes += layer.blob.size;
  return bytes;
}

}  // namespace

Plan plan_copy(std::vector<oci::CarriedImage> images, ManifestCache& cache,
               const PlanOptions& options, ThreadPool& pool, std::stop_token stop) {
  Plan plan;
  CachedGraph reader(cache, options.guess_schema1);
  oci::GraphOptions graph{
      .carries =
          [&](const oci::Descriptor& blob) {
            return options.non_distributable == NonDistributable::kInclude ||
                   !oci::is_non_distributable(blob.media_type);
          },
      .visit =
          [&](const oci::Repository& repository, const oci::Manifest& manifest) {
            add_restricted(manifest, repository, plan.restricted);
          },
      .pool = &pool,
      .frame =
          [](const oci::CarriedImage& root) {
            return fmt::format("Working with {}", root.reference());
          }};
  if (options.follows)
    graph.follows = [&](const oci::CarriedImage&, const oci::Manifest& index) {
      return options.follows(index);
    };
  while_doing([] { return "Collecting packaging metadata"; },
              [&] {
                plan.contents =
                    oci::follow_images(std::move(images), reader, graph, std::move(stop));
              });
  plan.total_bytes = size_of(plan.contents);
  return plan;
}

}  // namespace tote::copy
