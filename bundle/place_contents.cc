#include "bundle/place_contents.h"

#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/selection.h"
#include "bundle/transfer_source.h"
#include "copy/plan.h"
#include "oci/media_types.h"

#include <set>
#include <utility>

namespace tote::bundle {
namespace {

class Reading {
 public:
  Reading(registry::Client& client, const Session& session) : client_(client), session_(session) {}

  PlaceContents operator()(const FilePlace& place) {
    auto opened = std::make_shared<archive::OpenedArchive>(place.path, session_.reading);
    return {
        .contents = opened->archive.contents(),
        .open = [&all = opened->repositories](const oci::Repository& name) -> oci::ImageReader& {
          return all.repository(name);
        },
        .has_layer = [&archive = opened->archive](
                         const oci::Digest& layer) { return archive.has_blob(layer); },
        .owner = opened};
  }

  PlaceContents operator()(const RegistryPlace& place) {
    copy::ManifestCache cache([this](const oci::Repository& name) -> oci::ImageReader& {
      return client_.repository(name);
    });
    return read_images(roots_of(place, cache), cache, client_, session_);
  }

  PlaceContents operator()(const StandardStream&) {
    throw Error(ErrorKind::kUsage, "What comes from standard input can not be listed")
        .with_hint("write it to a file first");
  }

 private:
  std::vector<oci::CarriedImage> roots_of(const RegistryPlace& place, copy::ManifestCache& cache) {
    if (place.digest || !place.tag.empty()) return named_by(place.reference(), cache);
    registry::RemoteRepository& repository = client_.repository(place.repository);
    std::vector<oci::CarriedImage> roots;
    for (const std::string& tag : repository.tags(session_.stop))
      if (const auto target = repository.resolve(tag, session_.stop))
        roots.push_back({place.repository, *target, tag, {}, {}});
    return roots;
  }

  // With what it names, if it is a bundle.
  std::vector<oci::CarriedImage> named_by(const oci::Reference& reference,
                                          copy::ManifestCache& cache) {
    const oci::ManifestPtr root =
        cache.manifest(reference.repository, reference.identifier(), session_.stop);
    TransferSource from = FromImage{reference};
    if (is_bundle(*root, reference.repository, cache, session_.stop)) from = FromBundle{reference};
    return select_images(from, nullptr, cache, session_).images;
  }

  registry::Client& client_;
  const Session& session_;
};

}  // namespace

PlaceContents read_images(std::vector<oci::CarriedImage> images, copy::ManifestCache& cache,
                          registry::Client& client, const Session& session) {
  copy::Plan plan = copy::plan_copy(std::move(images), cache,
                                    {.non_distributable = copy::NonDistributable::kInclude},
                                    session.pool, session.stop);
  // Those that their vendors do not let others hand on are elsewhere, as far as anybody knows.
  std::set<oci::Digest> elsewhere;
  for (const oci::CarriedLayer& layer : plan.contents.layers)
    if (oci::is_non_distributable(layer.blob.media_type)) elsewhere.insert(layer.blob.digest);
  return {.contents = std::move(plan.contents),
          .open = [&client](const oci::Repository& name) -> oci::ImageReader& {
            return client.repository(name);
          },
          .has_layer = [elsewhere = std::move(elsewhere)](
                           const oci::Digest& layer) { return !elsewhere.contains(layer); }};
}

PlaceContents read_place(const Place& place, registry::Client& client, const Session& session) {
  return std::visit(Reading(client, session), place);
}

}  // namespace tote::bundle
