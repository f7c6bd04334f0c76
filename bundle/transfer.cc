#include "bundle/transfer.h"

#include "archive/archive_writer.h"
#include "archive/root_bundle.h"
#include "archive/sparse_image.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/copy_source.h"
#include "bundle/files_there.h"
#include "bundle/image_tags.h"
#include "bundle/kept_tags.h"
#include "bundle/leave_out.h"
#include "bundle/platforms.h"
#include "bundle/relocation.h"
#include "bundle/repository_work.h"
#include "bundle/tag_moves.h"
#include "bundle/transfer_plan.h"
#include "bundle/write_layout.h"
#include "copy/survey.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tote::bundle {
namespace {

// What is at the target of a copy already, to make layers of.
std::shared_ptr<oci::ImageReader> blobs_there(const TransferTarget& target,
                                              registry::Client& client) {
  if (const auto* to = std::get_if<RepositoryTarget>(&target))
    return {std::shared_ptr<void>(), &client.repository(to->name)};
  const auto* to = std::get_if<LayoutTarget>(&target);
  return to == nullptr ? nullptr : std::make_shared<FilesThere>(to->directory);
}

// Null: not one image whatever it is.
const FromImage* image_alone(const TransferSource& source) {
  const auto* image = std::get_if<FromImage>(&source);
  return image != nullptr && image->is_alone ? image : nullptr;
}

class Transfer {
 public:
  Transfer(const TransferSource& source, const TransferTarget& target,
           const TransferOptions& options, registry::Client& client, const Session& session)
      : target_(target),
        options_(options),
        client_(client),
        session_(session),
        base_(blobs_there(target, client)),
        source_(source, base_.get(), client, session),
        alone_(image_alone(source)),
        platforms_(options.platforms,
                   source_.archive() == nullptr ? nullptr : &source_.archive()->contents()) {}

  TransferResult run() {
    prepare();
    std::visit([this](const auto& target) { send(target); }, target_);
    tell_what_is_left();
    rethrow_failures();
    tell(RestrictedLayers{
        restricted_, options_.non_distributable == copy::NonDistributable::kInclude, repository()});
    return result();
  }

  // What run() would do.
  TransferPlan look() {
    prepare();
    TransferPlan planned =
        std::visit([this](const auto& target) { return look_at(target); }, target_);
    planned.missing = find_missing(planned, cargo_, session_);
    tell_what_is_left();
    planned.tags_may_move = !options_.no_overwrite_tags;
    rethrow_failures();
    return planned;
  }

 private:
  void prepare() {
    if (const auto* archive = std::get_if<ArchiveTarget>(&target_)) check_target(archive->path);
    if (!options_.fetch_missing) source_.expect_base(session_.stop);
    plan();
  }

  void tell(const Event& event) const { bundle::tell(options_.observer, event); }
  void rethrow_failures() const {
    if (session_.failures != nullptr) session_.failures->rethrow();
  }

  // Null: the target is a file.
  const oci::Repository* repository() const {
    const auto* target = std::get_if<RepositoryTarget>(&target_);
    return target == nullptr ? nullptr : &target->name;
  }

  // Writing there must not destroy what is read.
  void check_target(const std::filesystem::path& target) const {
    if (source_.archive() == nullptr) return;
    for (const std::filesystem::path& read : source_.archive()->paths())
      if (archive::ArchiveWriter::would_write(read, target))
        throw Error(ErrorKind::kUsage,
                    fmt::format("'{}' can not be written: it is, or lies in, what is read",
                                target.string()));
  }

  // ---- what to copy ----------------------------------------------------------------------------

  // Into one repository, or to where every image keeps the name of its own.
  void plan() {
    const bool from_archive = source_.archive() != nullptr;
    Selection selection = source_.select(session_);
    verify_signatures(images_to_verify(selection, options_.signatures.scope,
                                       from_archive ? &source_.archive()->contents() : nullptr),
                      options_.signatures, source_.cache(), session_);
    if (repository() != nullptr) {
      set_root_tag(selection.images);
      if (options_.repository_based_tags) separate_tags(selection.images);
      check_tags(selection.images, *repository());
    }
    bundles_ = std::move(selection.bundles);
    copy::Plan plan = options_.attached.is_own() && !from_archive
                          ? plan_attached(std::move(selection.images))
                          : plan_selected(std::move(selection), from_archive);
    choose_platforms(plan.contents);
    annotate(plan.contents, options_.annotations);
    for (const oci::CarriedImage& image : plan.contents.images)
      tell(ImagePlanned{image, from_archive});
    tell(CopyPlanned{plan, from_archive});
    check_size(options_.max_size, plan.contents, repository(), from_archive);
    restricted_ = std::move(plan.restricted);
    load(std::move(plan.contents));
  }

  // A registry is not asked yet what is attached.
  void set_root_tag(std::vector<oci::CarriedImage>& images) const {
    const archive::Archive* from = source_.archive();
    const oci::AttachedImages attached(from == nullptr ? oci::Contents{} : from->contents());
    bundle::set_root_tag(images, std::get<RepositoryTarget>(target_).root_tag,
                         [&](const auto& image) { return attached.contains(image); });
  }

  void choose_platforms(oci::Contents& contents) {
    platforms_.mark(contents);
    for (const MissingPlatforms& missing : platforms_.missing()) tell(PlatformsMissing{missing});
    if (!options_.rewrite_index) return;
    // Its lock names the digests that it was made with.
    if (!bundles_.empty())
      throw Error(ErrorKind::kUsage,
                  "The indexes that a bundle names can not be rewritten: its "
                  "lock names their digests")
          .with_hint(
              "make another bundle, with a lock of the images for these platforms; or copy "
              "to a registry that takes indexes without all of their images");
    rewritten_ = rewrite_sparse_indexes(contents);
  }

  copy::Plan plan_images(std::vector<oci::CarriedImage> images) {
    if (session_.failures != nullptr) leave_out_unreadable(images);
    return plan_all(std::move(images));
  }

  // One alone shows what it is that fails.
  void leave_out_unreadable(std::vector<oci::CarriedImage>& images) {
    TaskGroup group(session_.pool, session_.stop);
    for (const oci::CarriedImage& image : images)
      group.run([&](const std::stop_token&) {
        copy::keep_going(session_.failures, image.target.digest, [&] { plan_all({image}); });
      });
    group.wait();
    std::erase_if(images, [&](const auto& image) {
      return session_.failures->has_failed(image.target.digest);
    });
  }

  copy::Plan plan_all(std::vector<oci::CarriedImage> images) {
    return copy::plan_copy(
        std::move(images), source_.cache(),
        {.non_distributable = options_.non_distributable,
         .guess_schema1 = options_.like_imgpkg,
         .follows = [this](const oci::Manifest& index) { return platforms_.follow(index); }},
        session_.pool, session_.stop);
  }

  copy::Plan plan_selected(Selection selection, bool from_archive) {
    std::vector<oci::CarriedImage> images = std::move(selection.images);
    if (options_.attached.signatures && !from_archive)
      add_signatures(images, source_.cache(), session_);
    else if (selection.is_named && !options_.like_imgpkg && !stays_attached(images.front()))
      count_left_behind(images.front());
    tell(ImagesSelected{images.size(), from_archive});
    return plan_images(std::move(images));
  }

  // What is attached to an image in the repository that it goes to is there.
  bool stays_attached(const oci::CarriedImage& named) const {
    return repository() != nullptr && *repository() == named.repository &&
           options_.annotations.empty();
  }

  // Asking what is attached costs two requests for every image: only the one that was named is
  // worth them where nobody wants to know, so that its signatures are not lost without a word.
  void count_left_behind(const oci::CarriedImage& named) {
    counting_.emplace(session_.pool, session_.stop);
    counting_->run([this, named](const std::stop_token&) {
      left_ = count_attached(named.repository, named.target.digest, source_.cache(), session_);
    });
  }

  void tell_what_is_left() {
    if (!counting_) return;
    counting_->wait();
    if (left_.attachments > 0) tell(AttachedLeftBehind{left_});
  }

  copy::Plan plan_attached(std::vector<oci::CarriedImage> images) {
    AttachedPlan planned = plan_with_attached(
        std::move(images), options_.attached,
        [this](std::vector<oci::CarriedImage> all) { return plan_images(std::move(all)); },
        source_.cache(), session_);
    // The image of two repositories may be signed in both.
    if (repository() != nullptr) check_tags(planned.plan.contents.images, *repository());
    if (planned.left_behind.attachments > 0) tell(AttachedLeftBehind{planned.left_behind});
    tell(ImagesSelected{planned.plan.contents.images.size(), false});
    return std::move(planned.plan);
  }

  void load(oci::Contents contents) {
    cargo_ = {.contents = std::move(contents),
              .from = source_.cache().places(),
              .may_mount = [this](const oci::Descriptor& blob) { return source_.may_mount(blob); },
              .observer = options_.observer};
    cargo_.images_lock = source_.images_lock(cargo_.contents);
    if (!options_.fetch_missing && is_delta())
      cargo_.leaves_out = [read = source_.archive()](const oci::Descriptor& blob) {
        return read->leaves_out(blob.digest);
      };
    if (options_.since != nullptr)
      leave_out(
          cargo_, *options_.since,
          [this](const oci::Digest& image) { return is_bundle_here(image); }, session_);
    if (!options_.like_imgpkg) attached_.emplace(cargo_.contents);
    if (repository() != nullptr && options_.also_as != nullptr)
      placed_ = place_images(known_images(cargo_.contents, bundles_, cargo_.images_lock),
                             *options_.also_as, cargo_.contents, *repository());
  }

  // Whether what is read lacks some of the layers that have to be at the target then.
  bool is_delta() const {
    const archive::Archive* read = source_.archive();
    const std::vector<oci::CarriedLayer>& layers = cargo_.contents.layers;
    return read != nullptr && std::any_of(layers.begin(), layers.end(), [&](const auto& layer) {
             return read->leaves_out(layer.blob.digest);
           });
  }

  bool is_bundle_here(const oci::Digest& digest) {
    const oci::ManifestPtr manifest = cargo_.contents.find_manifest(digest);
    // An archive of old may lack what a lock names.
    return manifest != nullptr && is_bundle(*manifest, {}, source_.cache(), session_.stop);
  }

  // ---- moving it -------------------------------------------------------------------------------

  RepositoryWork survey(registry::RemoteRepository& to) {
    RepositoryWork work = survey_repository(
        {cargo_, bundles_, [this](const oci::CarriedImage& image) { return tag_of(image); },
         [this](const oci::Digest& image) { return is_bundle_here(image); },
         // What an archive leaves out has to be there.
         options_.asks_for_all || cargo_.leaves_out != nullptr,
         [this] {
           return survey_places(placed_, cargo_, *repository(), options_.asks_for_all, client_,
                                session_);
         },
         placed_},
        to, session_);
    return work;
  }

  void send(const RepositoryTarget& target) {
    tell(CopyToRepositoryBegun{target.name, cargo_.contents.images.size()});
    registry::RemoteRepository& to = client_.repository(target.name);
    try {
      const RepositoryWork work = survey(to);
      expect_base(cargo_, work.images);
      if (options_.no_overwrite_tags) refuse_moving_tags(work, to.name());
      execute(work, cargo_, to, session_);
    } catch (Error& error) {
      explain_sparse(error);
      throw;
    }
  }

  // Registries may want all that an index names (OCI distribution specification 1.1, "Pushing
  // Manifests").
  void explain_sparse(Error& error) const {
    const bool is_sparse = std::any_of(
        cargo_.contents.images.begin(), cargo_.contents.images.end(),
        [](const auto& image) { return image.labels.contains(archive::kPlatformsLabel); });
    const bool lacks_something =
        error.kind() == ErrorKind::kNotFound || error.has_code("MANIFEST_BLOB_UNKNOWN") ||
        error.has_code("MANIFEST_UNKNOWN") || error.has_code("MANIFEST_INVALID") ||
        error.has_code("BLOB_UNKNOWN");
    if (is_sparse && lacks_something)
      error.with_hint(
          "this registry takes no index without all of its images: copy them all, or "
          "with --rewrite-index make another index of those that are carried");
  }

  // A referrer lives as long as what it refers to. What is alone has the tag that it is given.
  std::string tag_of(const oci::CarriedImage& image) const {
    if (alone_ != nullptr) return {};
    if (attached_ && attached_->is_referrer(image)) return {};
    return options_.repository_based_tags ? repository_based_tag(image)
                                          : default_tag(image.target.digest);
  }

  void send(const ArchiveTarget& target) { write_archive(cargo_, target, session_); }
  void send(const LayoutTarget& target) { write_layout(cargo_, target.directory, session_); }

  // ---- only looking ----------------------------------------------------------------------------

  TransferPlan look_at(const RepositoryTarget& target) {
    const RepositoryWork work = survey(client_.repository(target.name));
    TransferPlan planned = describe_work(work.images, cargo_.contents);
    planned.tags = planned_tags(work);
    for (const RecordWork& record : work.records)
      planned.size.requests += copy::size_of(record.work).requests;
    for (const NamesWork& names : work.names)
      planned.size.requests += copy::size_of(names.work).requests;
    for (const TagWork& tag : work.tags) planned.size.requests += tag.is_there ? 0 : 1;
    for (const PlaceWork& place : work.places)
      add_place(place.work, place.to->name().name(), planned);
    return planned;
  }

  // What can not be laid out could not be written.
  TransferPlan look_at(const ArchiveTarget& target) {
    archive::lay_out(cargo_.contents, target.format, cargo_.images_lock, cargo_.delta);
    return look_at_files({});
  }
  TransferPlan look_at(const LayoutTarget& target) { return look_at_files(target.directory); }
  TransferPlan look_at_files(const std::filesystem::path& layout) {
    FilesThere there(layout);
    return describe_work(copy::survey(cargo_.contents, there, session_.pool, session_.stop),
                         cargo_.contents);
  }

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
      if (attached_ && attached_->contains(image)) continue;
      if (alone_ == nullptr && is_bundle_here(image.target.digest)) return NoRootBundle{};
      lock.images.push_back({place_of(image), {}});
    }
    return lock;
  }

  // With its annotations, in its order.
  ImagesLock relocated_lock() const {
    ImagesLock lock = ImagesLock::parse(cargo_.images_lock, "images lock");
    for (LockedImage& image : lock.images) {
      if (repository() != nullptr) image.reference.repository = *repository();
      if (const auto now = rewritten_.find(image.digest()); now != rewritten_.end())
        image.reference.digest = now->second;
    }
    return lock;
  }

  const TransferTarget& target_;
  const TransferOptions& options_;
  registry::Client& client_;
  const Session& session_;
  const std::shared_ptr<oci::ImageReader> base_;  // null: a file, which has nothing yet
  CopySource source_;
  const FromImage* const alone_;
  std::vector<BundleRecord> bundles_;
  std::vector<copy::RestrictedImage> restricted_;
  PlatformFilter platforms_;
  RewrittenIndexes rewritten_;
  Cargo cargo_;
  std::vector<PlacedImage> placed_;              // under names of their own
  std::optional<oci::AttachedImages> attached_;  // nothing, if it is to be like imgpkg
  LeftBehind left_;
  std::optional<TaskGroup> counting_;  // of what is left; last: it uses the others
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

TransferPlan plan_transfer(const TransferSource& source, const TransferTarget& target,
                           const TransferOptions& options, registry::Client& client,
                           const Session& session) {
  return Transfer(source, target, options, client, session).look();
}

}  // namespace tote::bundle
