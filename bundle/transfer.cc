#include "bundle/transfer.h"

#include "archive/archive_writer.h"
#include "archive/layout_writer.h"
#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/copy_source.h"
#include "bundle/image_tags.h"
#include "bundle/kept_tags.h"
#include "bundle/locations.h"
#include "bundle/push.h"
#include "copy/execute.h"
#include "copy/survey.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

namespace tote::bundle {
namespace {

constexpr const char* kResume =
    "the layers that have arrived are kept: --resume goes on from there";

class Transfer {
 public:
  Transfer(const TransferSource& source, const TransferOptions& options, registry::Client& client,
           ThreadPool& pool, std::stop_token stop)
      : options_(options),
        client_(client),
        pool_(pool),
        stop_(std::move(stop)),
        source_(source, client) {}

  TransferResult to_repository(const oci::Repository& destination) {
    plan(&destination);
    tell(CopyToRepositoryBegun{destination, plan_.contents.images.size()});
    send(client_.repository(destination));
    push_locations(destination);
    set_tags(destination);
    tell_about_restricted(&destination);
    return result(&destination);
  }

  TransferResult to_archive(const ArchiveTarget& target) {
    check_target(target.path);
    plan(nullptr);
    const auto begun = std::chrono::steady_clock::now();
    archive::ArchiveWriter writer(
        target.path, plan_.contents,
        {.format = target.format, .resume = target.resume, .keep_part = true});
    const auto laid_out = std::chrono::steady_clock::now() - begun;
    try {
      if (const auto reused = writer.reuse_layers(pool_, stop_)) tell(LayersReused{*reused});
      tell(LayersBegun{});
      tell(ArchiveBegun{target.format, laid_out});
      fill(writer);
      writer.finish();
    } catch (Error& error) {
      if (error.hint().empty() && writer.is_worth_keeping()) error.with_hint(kResume);
      throw;
    } catch (Cancelled& cancelled) {
      if (writer.is_worth_keeping()) cancelled.with_hint(kResume);
      throw;
    }
    tell_about_restricted(nullptr);
    return result(nullptr);
  }

  TransferResult to_layout(const std::filesystem::path& directory) {
    plan(nullptr);
    archive::check_readable(plan_.contents);
    archive::LayoutWriter writer(directory);
    tell(LayersBegun{});
    fill(writer);
    writer.finish(plan_.contents);
    tell_about_restricted(nullptr);
    return result(nullptr);
  }

 private:
  void tell(const Event& event) const {
    if (options_.observer) options_.observer(event);
  }

  copy::Observer copy_observer() const {
    return [this](const copy::Event& event) {
      std::visit([this](const auto& what) { tell(what); }, event);
    };
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
  void plan(const oci::Repository* destination) {
    const bool from_archive = source_.archive() != nullptr;
    Selection selection = source_.select(pool_, stop_);
    if (destination != nullptr) {
      if (options_.repository_based_tags) separate_tags(selection.images);
      check_tags(selection.images, *destination);
    }
    bundles_ = std::move(selection.bundles);
    if (options_.signatures && !from_archive)
      add_signatures(selection.images, source_.cache(), pool_, stop_);
    tell(ImagesSelected{selection.images.size(), from_archive});
    plan_ = copy::plan_copy(std::move(selection.images), source_.cache(),
                            {options_.non_distributable, options_.guess_schema1}, pool_, stop_);
    plan_.contents.images_lock = source_.images_lock(plan_.contents);
    for (const oci::CarriedImage& image : plan_.contents.images)
      tell(ImagePlanned{image, from_archive});
    tell(CopyPlanned{plan_, from_archive});
  }

  // ---- moving it -------------------------------------------------------------------------------

  void send(registry::RemoteRepository& to) {
    copy::SurveyOptions options;
    options.name_of = [this](const oci::CarriedImage& image) {
      return options_.repository_based_tags ? repository_based_tag(image)
                                            : default_tag(image.target.digest);
    };
    options.may_mount = [this](const oci::Descriptor& blob) { return source_.may_mount(blob); };
    const copy::Work work = copy::survey(plan_.contents, to, options, pool_, stop_);
    source_.read_from([&](const oci::OpenRepository& from) {
      copy::execute(work, from, to, pool_,
                    {.observer = copy_observer(), .retry = to.retry_policy()}, stop_);
    });
  }

  void fill(oci::BlobWriter& to) {
    const copy::Work work = copy::survey(plan_.contents, to, pool_, stop_);
    source_.read_from([&](const oci::OpenRepository& from) {
      copy::execute(work, from, to, pool_, {.observer = copy_observer()}, stop_);
    });
  }

  bool is_bundle_here(const oci::Digest& digest) {
    const oci::ManifestPtr manifest = plan_.contents.find_manifest(digest);
    // An archive of old may lack what a lock names.
    return manifest != nullptr && is_bundle(*manifest, {}, source_.cache(), stop_);
  }

  void push_locations(const oci::Repository& destination) {
    for (const BundleRecord& record : bundles_)
      while_doing(
          [&] {
            return fmt::format("Creating copy information for bundle {}", record.bundle.str());
          },
          [&] { push_locations(destination, record); });
  }

  // In a registry that does not take another record, since it forbids moving tags, an older one
  // stays: it says of the same bundle which of its images are bundles.
  bool may_stay(const Error& error, const oci::Repository& destination, const oci::Digest& bundle) {
    const bool is_refused = error.kind() == ErrorKind::kRegistry || error.is_denied();
    return is_refused &&
           client_.repository(destination).resolve(locations_tag(bundle), stop_).has_value();
  }

  void push_locations(const oci::Repository& destination, const BundleRecord& record) {
    Locations locations;
    std::set<oci::Digest> known;
    for (const LockedImage& image : record.lock.images)
      if (known.insert(image.digest()).second)
        locations.images.push_back({image.reference.name(), is_bundle_here(image.digest())});
    const std::unique_ptr<BuiltImage> image = build_locations_image(locations);
    while_doing(
        [&] {
          return fmt::format("Pushing locations image to '{}:{}'", destination.name(),
                             locations_tag(record.bundle));
        },
        [&] {
          try {
            push_image(*image, destination,
                       {locations_tag(record.bundle), default_tag(image->digest())}, client_, pool_,
                       stop_);
          } catch (const Error& error) {
            if (!may_stay(error, destination, record.bundle)) throw;
          }
        });
  }

  void set_tags(const oci::Repository& destination) {
    tell(TaggingBegun{});
    while_doing([] { return "Tagging images"; },
                [&] {
                  for (const oci::CarriedImage& image : plan_.contents.images)
                    if (!image.tag.empty()) set_tag(image, destination);
                });
  }

  void set_tag(const oci::CarriedImage& image, const oci::Repository& destination) {
    while_doing([&] { return fmt::format("Tagging image {}", image.target.digest.str()); },
                [&] {
                  client_.repository(destination)
                      .set_tag(*plan_.contents.find_manifest(image.target.digest), image.tag,
                               stop_);
                });
    tell(Tagged{destination, image});
  }

  // ---- reporting -------------------------------------------------------------------------------

  void tell_about_restricted(const oci::Repository* destination) const {
    tell(RestrictedLayers{plan_.restricted,
                          options_.non_distributable == copy::NonDistributable::kInclude,
                          destination});
  }

  // Where the images are now: at `destination`, or if they went to a file where they came from.
  TransferResult result(const oci::Repository* destination) {
    const auto where = [&](const oci::CarriedImage& image) {
      return destination == nullptr ? image.repository : *destination;
    };
    const std::vector<const oci::CarriedImage*> roots = plan_.contents.root_bundles();
    if (roots.size() > 1) return NoRootBundle{};
    if (!roots.empty()) {
      const oci::CarriedImage& root = *roots.front();
      return BundleLock{{where(root), {}, root.target.digest}, root.tag};
    }
    if (!plan_.contents.images_lock.empty()) return relocated_lock(destination);
    ImagesLock lock;
    for (const oci::CarriedImage& image : plan_.contents.images) {
      if (is_bundle_here(image.target.digest)) return NoRootBundle{};
      lock.images.push_back({{where(image), {}, image.target.digest}, {}});
    }
    return lock;
  }

  // With its annotations, in its order.
  ImagesLock relocated_lock(const oci::Repository* destination) const {
    ImagesLock lock = ImagesLock::parse(plan_.contents.images_lock, "images lock");
    if (destination != nullptr)
      for (LockedImage& image : lock.images) image.reference.repository = *destination;
    return lock;
  }

  const TransferOptions& options_;
  registry::Client& client_;
  ThreadPool& pool_;
  std::stop_token stop_;
  CopySource source_;
  copy::Plan plan_;
  std::vector<BundleRecord> bundles_;
};

}  // namespace

TransferSource read_any_lock(const std::filesystem::path& path) {
  std::string as_bundle_lock;
  try {
    return FromBundleLock{BundleLock::load(path)};
  } catch (const Error& error) {
    as_bundle_lock = error.message();
  }
  return while_doing([] { return "Trying to read bundle or images lock file"; },
                     [&]() -> TransferSource {
                       try {
                         return FromImagesLock{ImagesLock::load(path)};
                       } catch (Error& error) {
                         if (error.message() != as_bundle_lock)
                           error.with_hint("as a bundle lock: " + as_bundle_lock);
                         throw;
                       }
                     });
}

TransferResult copy_to_repository(const TransferSource& source, const oci::Repository& destination,
                                  const TransferOptions& options, registry::Client& client,
                                  ThreadPool& pool, std::stop_token stop) {
  return Transfer(source, options, client, pool, std::move(stop)).to_repository(destination);
}

TransferResult copy_to_archive(const TransferSource& source, const ArchiveTarget& archive,
                               const TransferOptions& options, registry::Client& client,
                               ThreadPool& pool, std::stop_token stop) {
  return Transfer(source, options, client, pool, std::move(stop)).to_archive(archive);
}

TransferResult copy_to_layout(const TransferSource& source, const std::filesystem::path& directory,
                              const TransferOptions& options, registry::Client& client,
                              ThreadPool& pool, std::stop_token stop) {
  return Transfer(source, options, client, pool, std::move(stop)).to_layout(directory);
}

}  // namespace tote::bundle
