#include "bundle/selection.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/bundle_image.h"
#include "bundle/resolve.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>
#include <variant>

namespace tote::bundle {
namespace {

class Selector {
 public:
  Selector(const archive::Archive* archive, copy::ManifestCache& cache, const Session& session)
      : archive_(archive), cache_(cache), session_(session) {}

  Selection operator()(const FromMade& from) {
    const oci::Reference made{from.name.repository, {}, from.artifact->digest()};
    if (from.is_bundle) return select_bundle(made, from.name.tag, true);
    return {{{made.repository, from.artifact->manifest()->descriptor(), from.name.tag, {}, {}}},
            {},
            false};
  }

  Selection operator()(const FromImage& from) {
    const oci::ManifestPtr manifest = fetch_root(from.reference);
    if (from.is_alone && !oci::is_image_manifest(manifest->media_type()) && !manifest->is_index())
      throw Error(ErrorKind::kUsage,
                  fmt::format("unsupported media type \"{}\"", manifest->media_type()));
    if (!from.is_alone && is_bundle(*manifest, from.reference.repository, cache_, session_.stop))
      throw Error(ErrorKind::kUsage,
                  "Expected bundle flag when copying a bundle (hint: Use -b instead of -i for "
                  "bundles)");
    return {{{from.reference.repository, manifest->descriptor(), from.reference.tag, {}, {}}},
            {},
            true};
  }

  Selection operator()(const FromBundle& from) {
    return named(select_bundle(from.reference, from.reference.tag, true));
  }

  Selection operator()(const FromBundleLock& from) {
    return named(select_bundle(from.lock.bundle, from.lock.tag, false));
  }

  Selection operator()(const FromImagesLock& from) {
    std::map<std::string, oci::Reference> wanted;  // each once
    for (const LockedImage& image : from.lock.images)
      wanted.emplace(image.reference.name(), image.reference);
    Selection selection;
    Mutex mutex;
    TaskGroup group(session_.pool, session_.stop);
    for (const auto& entry : wanted)
      group.run([&, &reference = entry.second](const std::stop_token&) {
        copy::keep_going(session_.failures, *reference.digest, [&] {
          const oci::ManifestPtr manifest = fetch_locked(reference);
          const Lock lock(mutex);
          selection.images.push_back({reference.repository, manifest->descriptor(), {}, {}, {}});
        });
      });
    group.wait();
    return selection;
  }

  Selection operator()(const FromArchive&) {
    const oci::Contents& contents = archive_->contents();
    if (contents.images.empty())
      throw Error(ErrorKind::kNotFound,
                  fmt::format("archive '{}' holds no images", archive_->name()));
    Selection selection{contents.images, {}, false};
    if (archive::root_bundles(contents).empty()) return selection;
    std::set<oci::Digest> looked_at;
    for (const oci::CarriedImage& image : contents.images) {
      const oci::ManifestPtr manifest = contents.find_manifest(image.target.digest);
      if (looked_at.insert(image.target.digest).second &&
          is_bundle(*manifest, image.repository, cache_, session_.stop))
        copy::keep_going(session_.failures, image.target.digest, [&] {
          add_record({image.target.digest,
                      read_images_lock(*manifest, image.repository, cache_, session_.stop)},
                     selection);
        });
    }
    return selection;
  }

 private:
  static Selection named(Selection selection) {
    selection.is_named = true;
    return selection;
  }

  oci::ManifestPtr fetch_root(const oci::Reference& reference) {
    return while_doing([] { return "Fetching image"; },
                       [&] {
                         return cache_.manifest(reference.repository, reference.identifier(),
                                                session_.stop);
                       });
  }

  oci::ManifestPtr fetch_locked(const oci::Reference& reference) {
    oci::ManifestPtr manifest = fetch_root(reference);
    if (is_bundle(*manifest, reference.repository, cache_, session_.stop))
      throw Error(ErrorKind::kUsage,
                  "Unable to copy bundles using an Images Lock file (hint: Create a bundle "
                  "with these images)");
    return manifest;
  }

  Selection select_bundle(const oci::Reference& reference, const std::string& tag,
                          bool record_origins) {
    const oci::Repository& repository = reference.repository;
    const oci::ManifestPtr manifest = fetch_root(reference);
    const auto check = [&] {
      if (!is_bundle(*manifest, repository, cache_, session_.stop))
        throw Error(ErrorKind::kUsage,
                    "Expected bundle image but found plain image (hint: Did you use -i instead of "
                    "-b?)");
    };
    const std::vector<ResolvedBundle> found =
        resolve_bundle(repository, *manifest, cache_, session_, {.check = check});
    const auto origin = [&](std::string text) { return record_origins ? std::move(text) : ""; };
    Selection selection;
    std::set<std::string> known;
    const auto add = [&](oci::CarriedImage image) {
      if (known.insert(image.reference()).second) selection.images.push_back(std::move(image));
    };
    add({repository,
         manifest->descriptor(),
         tag,
         origin(oci::digest_reference(repository, manifest->digest())),
         {{archive::kRootBundleLabel, ""}}});
    for (const ResolvedBundle& bundle : found) {
      BundleRecord record{bundle.target.digest, {}};
      for (const ResolvedImage& image : bundle.images) {
        add({image.repository, image.target, {}, origin(image.locked.reference.name()), {}});
        record.lock.images.push_back(image.locked);
      }
      add_record(std::move(record), selection);
    }
    return selection;
  }

  void add_record(BundleRecord record, Selection& selection) {
    if (recorded_.insert(record.bundle).second) selection.bundles.push_back(std::move(record));
  }

  const archive::Archive* archive_;
  copy::ManifestCache& cache_;
  const Session& session_;
  std::set<oci::Digest> recorded_;
};

}  // namespace

Selection select_images(const TransferSource& source, const archive::Archive* archive,
                        copy::ManifestCache& cache, const Session& session) {
  return std::visit(Selector(archive, cache, session), source);
}

}  // namespace tote::bundle
