#include "bundle/transfer.h"

#include "archive/archive_writer.h"
#include "archive/root_bundle.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/copy_source.h"
#include "bundle/image_tags.h"
#include "bundle/kept_tags.h"
#include "bundle/repository_work.h"
#include "bundle/write_layout.h"

#include <fmt/format.h>

#include <utility>

namespace tote::bundle {
namespace {

class Transfer {
 public:
  Transfer(const TransferSource& source, const TransferTarget& target,
           const TransferOptions& options, registry::Client& client, const Session& session)
      : target_(target),
        options_(options),
        client_(client),
        session_(session),
        source_(source, client, session) {}

  TransferResult run() {
    if (const auto* archive = std::get_if<ArchiveTarget>(&target_)) check_target(archive->path);
    plan();
    std::visit([this](const auto& target) { send(target); }, target_);
    tell(RestrictedLayers{
        restricted_, options_.non_distributable == copy::NonDistributable::kInclude, repository()});
    return result();
  }

 private:
  void tell(const Event& event) const { bundle::tell(options_.observer, event); }

  // Null: the target is a file.
  const oci::Repository* repository() const {
    const auto* target = std::get_if<RepositoryTarget>(&target_);
    return target == nullptr ? nullptr : &target->name;
  }

  // Writing there must not destroy what is read.
  void check_target(const std::filesystem::path& target) const {
    const archive::ArchiveReader* read = source_.archive();
    if (read != nullptr && archive::ArchiveWriter::would_write(read->path(), target))
      throw Error(
          ErrorKind::kUsage,
          fmt::format("'{}' can not be written: it is, or lies in, what is read", target.string()));
  }

  // ---- what to copy ----------------------------------------------------------------------------

  // Into one repository, or to where every image keeps the name of its own.
  void plan() {
    const bool from_archive = source_.archive() != nullptr;
    Selection selection = source_.select(session_);
    if (repository() != nullptr) {
      if (options_.repository_based_tags) separate_tags(selection.images);
      check_tags(selection.images, *repository());
    }
    bundles_ = std::move(selection.bundles);
    if (options_.signatures && !from_archive)
      add_signatures(selection.images, source_.cache(), session_);
    tell(ImagesSelected{selection.images.size(), from_archive});
    copy::Plan plan = copy::plan_copy(std::move(selection.images), source_.cache(),
                                      {options_.non_distributable, options_.guess_schema1},
                                      session_.pool, session_.stop);
    for (const oci::CarriedImage& image : plan.contents.images)
      tell(ImagePlanned{image, from_archive});
    tell(CopyPlanned{plan, from_archive});
    restricted_ = std::move(plan.restricted);
    load(std::move(plan.contents));
  }

  void load(oci::Contents contents) {
    cargo_ = {.contents = std::move(contents),
              .from = source_.cache().places(),
              .may_mount = [this](const oci::Descriptor& blob) { return source_.may_mount(blob); },
              .observer = options_.observer};
    cargo_.images_lock = source_.images_lock(cargo_.contents);
  }

  bool is_bundle_here(const oci::Digest& digest) {
    const oci::ManifestPtr manifest = cargo_.contents.find_manifest(digest);
    // An archive of old may lack what a lock names.
    return manifest != nullptr && is_bundle(*manifest, {}, source_.cache(), session_.stop);
  }

  // ---- moving it -------------------------------------------------------------------------------

  void send(const RepositoryTarget& target) {
    tell(CopyToRepositoryBegun{target.name, cargo_.contents.images.size()});
    registry::RemoteRepository& to = client_.repository(target.name);
    const RepositoryPlan plan{cargo_, bundles_,
                              [this](const oci::CarriedImage& image) {
                                return options_.repository_based_tags
                                           ? repository_based_tag(image)
                                           : default_tag(image.target.digest);
                              },
                              [this](const oci::Digest& image) { return is_bundle_here(image); }};
    execute(survey_repository(plan, to, session_), cargo_, to, session_);
  }

  void send(const ArchiveTarget& target) { write_archive(cargo_, target, session_); }
  void send(const LayoutTarget& target) { write_layout(cargo_, target.directory, session_); }

  // ---- what came of it -------------------------------------------------------------------------

  // Where the images are now.
  oci::Reference place_of(const oci::CarriedImage& image) const {
    return {repository() == nullptr ? image.repository : *repository(), {}, image.target.digest};
  }

  TransferResult result() {
    const auto roots = archive::root_bundles(cargo_.contents);
    if (roots.size() > 1) return NoRootBundle{};
    if (!roots.empty()) return BundleLock{place_of(*roots.front()), roots.front()->tag};
    if (!cargo_.images_lock.empty()) return relocated_lock();
    ImagesLock lock;
    for (const oci::CarriedImage& image : cargo_.contents.images) {
      if (is_bundle_here(image.target.digest)) return NoRootBundle{};
      lock.images.push_back({place_of(image), {}});
    }
    return lock;
  }

  // With its annotations, in its order.
  ImagesLock relocated_lock() const {
    ImagesLock lock = ImagesLock::parse(cargo_.images_lock, "images lock");
    if (repository() != nullptr)
      for (LockedImage& image : lock.images) image.reference.repository = *repository();
    return lock;
  }

  const TransferTarget& target_;
  const TransferOptions& options_;
  registry::Client& client_;
  const Session& session_;
  CopySource source_;
  std::vector<BundleRecord> bundles_;
  std::vector<copy::RestrictedImage> restricted_;
  Cargo cargo_;
};

}  // namespace

TransferResult transfer(const TransferSource& source, const TransferTarget& target,
                        const TransferOptions& options, registry::Client& client,
                        const Session& session) {
  try {
    return Transfer(source, target, options, client, session).run();
  } catch (const LayerNotInArchive& error) {
    // In imgpkg's words, whatever was being done.
    throw Error(error.kind(), error.frames().back()).with_hint(error.hint());
  }
}

}  // namespace tote::bundle
