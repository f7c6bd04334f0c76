#include "cmd/values_source.h"

#include "archive/choose_image.h"
#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "base/file.h"
#include "bundle/bundle_image.h"
#include "bundle/discover/chart_file.h"
#include "bundle/place.h"
#include "bundle/transfer_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
constexpr const char* kChartFile = ".imgpkg/chart.yml";

// What a bundle itself has.
struct BundleFiles {
  bundle::ImagesLock lock;
  std::optional<std::string> chart;
};

BundleFiles read_bundle(const oci::Repository& repository, const oci::Manifest& manifest,
                        const std::string& name, copy::ManifestCache& cache,
                        const std::stop_token& stop) {
  if (!bundle::is_bundle(manifest, repository, cache, stop))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is an image, and no bundle", name));
  return {bundle::read_images_lock(manifest, repository, cache, stop),
          bundle::find_file_in_image(manifest, repository, cache, kChartFile, stop)};
}

std::optional<std::string> chart_beside(const fs::path& lock) {
  const fs::path chart = lock.parent_path() / "chart.yml";
  if (!fs::exists(chart)) return std::nullopt;
  return read_file(chart.string(), bundle::discover::kMaxChartFileSize);
}

}  // namespace

class ValuesSource::Finder {
 public:
  Finder(const ValuesSource& source, const CommandContext& context)
      : source_(source), context_(context), rule_(source.relocation_.name()) {}

  KnownBundle run() {
    if (!source_.archive_.is_given() && source_.lock_.empty() && source_.bundle_.empty())
      throw Error(ErrorKind::kUsage, "Expected --bundle, --lock or --tar");
    if (source_.archive_.is_given()) return in_archive(source_.archive_.path());
    if (source_.lock_.empty()) return in_registry(bundle::parse_reference(source_.bundle_));
    const bundle::TransferSource lock = bundle::read_any_lock(source_.lock_);
    if (const auto* one = std::get_if<bundle::FromBundleLock>(&lock))
      return in_registry(one->lock.bundle);
    return of_lock(std::get<bundle::FromImagesLock>(lock).lock);
  }

 private:
  // Where flags say that the images are; nothing: they do not.
  std::optional<bundle::MovedImages> as_told(const bundle::ImagesLock& lock) const {
    if (rule_) return bundle::moved_by(*rule_, lock);
    if (source_.to_repo_.empty()) return std::nullopt;
    return bundle::moved_beside(oci::Repository::parse(source_.to_repo_), lock);
  }

  KnownBundle in_registry(const oci::Reference& reference) const {
    const Concurrency concurrency = source_.concurrency_.of(false);
    const auto client = source_.registry.make_client(context_, concurrency);
    ThreadPool pool = make_pool(concurrency, *client);
    copy::ManifestCache cache(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client->source(name); });
    const oci::ManifestPtr manifest = while_doing(
        [&] { return fmt::format("Fetching bundle '{}'", reference.name()); },
        [&] {
          return cache.manifest(reference.repository, reference.identifier(), context_.stop);
        });
    BundleFiles files =
        read_bundle(reference.repository, *manifest, reference.name(), cache, context_.stop);
    std::optional<bundle::MovedImages> images = as_told(files.lock);
    if (!images) images = as_copied(reference.repository, manifest->digest(), files.lock, cache);
    return {reference.name(), bundle::seen(*images, *client, {.pool = pool, .stop = context_.stop}),
            std::move(files.chart)};
  }

  bundle::MovedImages as_copied(const oci::Repository& repository, const oci::Digest& digest,
                                const bundle::ImagesLock& lock, copy::ManifestCache& cache) const {
    const auto names = bundle::find_image_names(repository, digest, cache, context_.stop);
    return names ? bundle::moved_as_written(*names, lock) : bundle::moved_beside(repository, lock);
  }

  KnownBundle in_archive(const fs::path& path) const {
    archive::OpenedArchive opened(path, read_options(context_));
    copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
      return opened.repositories.repository(name);
    });
    const oci::CarriedImage& image =
        archive::choose_image(opened.archive, bundle::without_oci(source_.bundle_));
    const oci::ManifestPtr manifest = opened.archive.contents().find_manifest(image.target.digest);
    const std::string name = oci::digest_reference(image.repository, image.target.digest);
    BundleFiles files = read_bundle(image.repository, *manifest, name, cache, context_.stop);
    std::optional<bundle::MovedImages> images = as_told(files.lock);
    if (!images)
      throw Error(ErrorKind::kUsage, "Expected --to-repo, --to-prefix or --to-template with --tar")
          .with_hint("what is in an archive is nowhere yet: say where its images will be");
    return {name, *std::move(images), std::move(files.chart)};
  }

  KnownBundle of_lock(const bundle::ImagesLock& lock) const {
    std::optional<bundle::MovedImages> images = as_told(lock);
    return {source_.lock_, images ? *std::move(images) : as_it_says(lock),
            chart_beside(source_.lock_)};
  }

  // After a pull a lock says where the images are. What it says is looked at.
  bundle::MovedImages as_it_says(const bundle::ImagesLock& lock) const {
    const Concurrency concurrency = source_.concurrency_.of(false);
    const auto client = source_.registry.make_client(context_, concurrency);
    ThreadPool pool = make_pool(concurrency, *client);
    return bundle::seen(bundle::moved_as_locked(lock), *client,
                        {.pool = pool, .stop = context_.stop});
  }

  const ValuesSource& source_;
  const CommandContext& context_;
  const std::shared_ptr<const bundle::RelocatedName> rule_;
};

KnownBundle ValuesSource::find(const CommandContext& context) const {
  return Finder(*this, context).run();
}

void ValuesSource::add_to(FlagSet& flags) {
  flags.add_string("bundle", 'b', bundle_, "Bundle, in the registry that its images were copied to")
      .never_empty();
  flags
      .add_path("lock", 0, lock_,
                "Lock file: of a bundle, or of images, with the chart.yml beside it")
      .excludes({"bundle", "tar", "layout"});
  archive_.add_to(flags);
  add_places(flags);
  concurrency_.add_to(flags);
}

void ValuesSource::add_places(FlagSet& flags) {
  flags.add_string("to-repo", 0, to_repo_, "Repository that the bundle is, or will be, copied to")
      .never_empty();
  flags
      .add_string("to-prefix", 0, relocation_.prefix,
                  "Where the images are, as copy was or will be told, instead of what it wrote "
                  "down: PREFIX/REGISTRY/REPOSITORY:TAG")
      .never_empty()
      .excludes({"to-template"});
  flags
      .add_bool("strip-registry", 0, relocation_.strip_registry,
                "The registry is not a part of these names")
      .needs({"to-prefix"});
  flags
      .add_string("to-template", 0, relocation_.name_template,
                  "Where the images are, as the template that copy was or will be given")
      .never_empty();
}

}  // namespace tote::cmd
