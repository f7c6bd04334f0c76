#include "bundle/diff.h"

#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/compare_maps.h"
#include "bundle/compared_place.h"
#include "bundle/image_facts.h"
#include "bundle/patch_text.h"
#include "bundle/platforms.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace tote::bundle {
namespace {

// Of a text a patch is written, and read, in memory.
constexpr std::uint64_t kMaxText = 4U << 20U;
constexpr std::uint64_t kMaxTexts = 64U << 20U;  // of all on one side

// ---- images ------------------------------------------------------------------------------------

class ImageComparison {
 public:
  ImageComparison(const std::vector<ComparedImage>& before,
                  const std::vector<ComparedImage>& after) {
    const auto key = [](const ComparedImage& image) { return std::tie(image.name, image.digest); };
    const auto less = [&](const ComparedImage& a, const ComparedImage& b) {
      return key(a) < key(b);
    };
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(removed_), less);
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(added_), less);
  }

  std::vector<ImageChange> run() {
    find_moved();
    find_changed();
    for (const ComparedImage& image : removed_)
      changes_.push_back({Change::kRemoved, image.name, {}, image.digest, {}});
    for (const ComparedImage& image : added_)
      changes_.push_back({Change::kAdded, image.name, {}, {}, image.digest});
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(changes_);
  }

  // Those with one digest before and another after, with where they are.
  const std::vector<std::pair<ComparedImage, ComparedImage>>& changed() const { return changed_; }

 private:
  void find_moved() {
    std::multimap<oci::Digest, const ComparedImage*> by_digest;
    for (const ComparedImage& image : added_) by_digest.emplace(image.digest, &image);
    std::set<std::string> taken;  // names of those that have been moved to
    const auto key = [](const ComparedImage& image) {
      return image.name + "@" + image.digest.str();
    };
    std::erase_if(removed_, [&](const ComparedImage& image) {
      const auto found = by_digest.find(image.digest);
      if (found == by_digest.end()) return false;
      changes_.push_back(
          {Change::kMoved, image.name, found->second->name, image.digest, image.digest});
      taken.insert(key(*found->second));
      by_digest.erase(found);
      return true;
    });
    std::erase_if(added_, [&](const ComparedImage& image) { return taken.contains(key(image)); });
  }

  // Where one of a name has gone and one has come.
  void find_changed() {
    std::map<std::string, std::pair<std::vector<ComparedImage>, std::vector<ComparedImage>>> names;
    for (ComparedImage& image : removed_) names[image.name].first.push_back(image);
    for (ComparedImage& image : added_) names[image.name].second.push_back(image);
    const auto is_changed = [&](const ComparedImage& image) {
      const auto& [gone, come] = names.at(image.name);
      return gone.size() == 1 && come.size() == 1;
    };
    for (const auto& [name, images] : names)
      if (images.first.size() == 1 && images.second.size() == 1) {
        changed_.emplace_back(images.first.front(), images.second.front());
        changes_.push_back({Change::kChanged,
                            name,
                            {},
                            images.first.front().digest,
                            images.second.front().digest});
      }
    std::erase_if(removed_, is_changed);
    std::erase_if(added_, is_changed);
  }

  std::vector<ComparedImage> removed_;
  std::vector<ComparedImage> added_;
  std::vector<ImageChange> changes_;
  std::vector<std::pair<ComparedImage, ComparedImage>> changed_;
};

class Comparison {
 public:
  Comparison(const DiffRequest& request, registry::Client& client, const Session& session)
      : request_(request),
        session_(session),
        before_(request.before, request.reads_locked, client, session),
        after_(request.after, request.reads_locked, client, session) {}

  Difference run() {
    ImageComparison images(before_.images(), after_.images());
    result_.images = images.run();
    if (before_.blobs() && after_.blobs()) result_.cost = cost();
    compare_roots();
    for (const auto& [before, after] : images.changed()) compare_inner(before, after);
    return std::move(result_);
  }

 private:
  Cost cost() const {
    Cost cost;
    for (const auto& [digest, size] : *after_.blobs())
      if (!before_.blobs()->contains(digest)) {
        ++cost.blobs;
        cost.bytes += size;
      }
    return cost;
  }

  // ---- the roots -------------------------------------------------------------------------------

  void compare_roots() {
    if (before_.root()) result_.root_before = before_.root()->digest;
    if (after_.root()) result_.root_after = after_.root()->digest;
    if (!before_.root() || !after_.root() || result_.root_before == result_.root_after) return;
    const oci::ManifestPtr before = manifest(before_, *before_.root());
    const oci::ManifestPtr after = manifest(after_, *after_.root());
    compare_maps(facts_of(*before, before_.root()->repository, before_.cache(), session_.stop),
                 facts_of(*after, after_.root()->repository, after_.cache(), session_.stop),
                 [&](Change change, const std::string& name, auto old, auto now) {
                   result_.facts.push_back({change, name, std::move(old), std::move(now)});
                 });
    const bool are_bundles = is_bundle_at(before_, *before_.root(), *before) &&
                             is_bundle_at(after_, *after_.root(), *after);
    if (are_bundles || request_.files)
      compare_files(image_of(before_, *before_.root(), before),
                    image_of(after_, *after_.root(), after), {});
  }

  // Bundles in the bundle.
  void compare_inner(const ComparedImage& before, const ComparedImage& after) {
    if (!before_.blobs() || !after_.blobs()) return;
    const oci::ManifestPtr old = manifest(before_, before);
    const oci::ManifestPtr now = manifest(after_, after);
    if (is_bundle_at(before_, before, *old) && is_bundle_at(after_, after, *now))
      compare_files({before_, before.repository, old}, {after_, after.repository, now},
                    before.name);
  }

  oci::ManifestPtr manifest(ComparedPlace& place, const ComparedImage& image) const {
    return place.cache().manifest(image.repository, image.digest.str(), session_.stop);
  }

  bool is_bundle_at(ComparedPlace& place, const ComparedImage& image,
                    const oci::Manifest& manifest) const {
    return is_bundle(manifest, image.repository, place.cache(), session_.stop);
  }

  // ---- files -----------------------------------------------------------------------------------

  // An image whose layers are read.
  struct Layers {
    ComparedPlace& place;
    oci::Repository repository;
    oci::ManifestPtr image;
  };

  Layers image_of(ComparedPlace& place, const ComparedImage& root, oci::ManifestPtr image) const {
    while (image->is_index()) {
      if (!request_.platform)
        throw Error(ErrorKind::kUsage,
                    fmt::format("'{}' is an index of several images", root.digest.str()))
            .with_hint("--platform says which one's files are compared; it has " +
                       oci::list_platforms(*image));
      const oci::Descriptor& child = child_for(*image, *request_.platform);
      image = place.cache().manifest(root.repository, child.digest.str(), session_.stop);
    }
    return {place, root.repository, std::move(image)};
  }

  FileTreeReader read(const Layers& layers, const std::set<std::string>& kept) const {
    FileTreeReader files(session_.stop);
    files.keep(kept, kMaxText, kMaxTexts);
    for (const oci::Descriptor& layer : layers.image->layers())
      while_doing(
          [&] { return fmt::format("Reading layer '{}'", layer.digest.str()); },
          [&] {
            const std::unique_ptr<Source> content =
                layers.place.cache().places()(layers.repository).open_blob(layer, 0, session_.stop);
            files.apply(*content);
          });
    return files;
  }

  void compare_files(const Layers& before, const Layers& after, const std::string& bundle) {
    std::vector<FileChange> changes;
    std::set<std::string> names;
    compare_maps(read(before, {}).tree(), read(after, {}).tree(),
                 [&](Change change, const std::string& path, auto old, auto now) {
                   names.insert(path);
                   changes.push_back({change, path, bundle, std::move(old), std::move(now)});
                 });
    if (request_.patch && bundle.empty() && !changes.empty())
      result_.patch =
          patch_text(changes, read(before, names).contents(), read(after, names).contents());
    std::move(changes.begin(), changes.end(), std::back_inserter(result_.files));
  }

  const DiffRequest& request_;
  const Session& session_;
  ComparedPlace before_;
  ComparedPlace after_;
  Difference result_;
};

}  // namespace

std::string_view name_of(Change change) noexcept {
  switch (change) {
    case Change::kAdded:
      return "added";
    case Change::kRemoved:
      return "removed";
    case Change::kChanged:
      return "changed";
    case Change::kMoved:
      return "moved";
  }
  return "";
}

Difference diff(const DiffRequest& request, registry::Client& client, const Session& session) {
  return Comparison(request, client, session).run();
}

}  // namespace tote::bundle
