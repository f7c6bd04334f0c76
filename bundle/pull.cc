#include "bundle/pull.h"

#include "base/error.h"
#include "base/temporary_file.h"
#include "bundle/bundle_image.h"
#include "bundle/images_beside.h"
#include "bundle/locations.h"
#include "copy/watched_source.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <set>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;

class Puller {
 public:
  Puller(const PullRequest& request, copy::ManifestCache& cache, ThreadPool& pool,
         std::stop_token stop)
      : request_(request), cache_(cache), pool_(pool), stop_(std::move(stop)) {}

  LeftOut run() {
    const oci::Repository& repository = request_.source.repository;
    const oci::ManifestPtr manifest = while_doing(
        [] { return "Fetching image"; },
        [&] { return cache_.manifest(repository, request_.source.identifier(), stop_); });
    check_kind(*manifest);
    OutputDirectory output(resolve_output(request_.output, request_.home), request_.replaces);
    if (request_.kind == PullKind::kImage) {
      tell(PullBegun{"image", name_of(repository, *manifest)});
      pull_image(repository, *manifest, output.path());
    } else {
      pull_root_bundle(repository, *manifest, output.path());
    }
    if (request_.prepare) request_.prepare(output.path());
    output.commit();
    return left_out_;
  }

 private:
  static std::string name_of(const oci::Repository& repository, const oci::Manifest& manifest) {
    return oci::digest_reference(repository, manifest.digest());
  }

  void tell(const Event& event) const { bundle::tell(request_.observer, event); }

  void check_kind(const oci::Manifest& manifest) {
    if (request_.kind == PullKind::kImage && manifest.is_index())
      throw Error(ErrorKind::kUsage,
                  "Unable to pull non-images, such as image indexes. (hint: provide a specific "
                  "digest to the image instead)");
    if (!request_.check_kind) return;
    const bool bundle = is_bundle(manifest, request_.source.repository, cache_, stop_);
    if (request_.kind == PullKind::kImage && bundle)
      throw Error(ErrorKind::kUsage,
                  "Expected bundle flag when pulling a bundle (hint: Use -b instead of -i for "
                  "bundles)");
    if (request_.kind == PullKind::kBundle && !bundle)
      throw Error(ErrorKind::kUsage,
                  "Expected bundle image but found plain image (hint: Did you use -i instead of "
                  "-b?)");
  }

  void pull_image(const oci::Repository& repository, const oci::Manifest& manifest,
                  const fs::path& directory) {
    constexpr std::string_view kWhat = "Extracting image into directory";
    if (request_.sub_path.empty()) return extract(repository, manifest, directory, 0, kWhat);
    const fs::path whole = directory / ".tote-whole-image";
    fs::create_directory(whole);
    extract(repository, manifest, whole, 0, kWhat);
    take_part(whole / request_.sub_path, directory);
    fs::remove_all(whole);
  }

  void take_part(const fs::path& part, const fs::path& directory) const {
    if (!fs::exists(fs::symlink_status(part)))
      throw Error(ErrorKind::kNotFound,
                  fmt::format("'{}' has no '{}' in it", request_.source.name(), request_.sub_path));
    if (!fs::is_directory(part)) return fs::rename(part, directory / part.filename());
    for (const fs::directory_entry& child : fs::directory_iterator(part))
      fs::rename(child.path(), directory / child.path().filename());
  }

  void extract(const oci::Repository& repository, const oci::Manifest& manifest,
               const fs::path& directory, int depth, std::string_view what) {
    LayerUnpacker unpacker(directory, stop_);
    copy::Work work;
    for (const oci::Descriptor& layer : manifest.layers())
      work.blobs.push_back({layer, repository});
    tell(copy::WorkFound{work});
    while_doing([&] { return std::string(what); },
                [&] {
                  std::size_t number = 0;
                  for (const copy::BlobWork& layer : work.blobs) {
                    tell(LayerExtracted{layer.blob.digest, ++number, work.blobs.size(), depth});
                    extract_layer(layer, unpacker);
                  }
                });
    left_out_.symbolic_links += unpacker.left_out().symbolic_links;
    left_out_.hard_links += unpacker.left_out().hard_links;
    left_out_.others += unpacker.left_out().others;
    left_out_.records += unpacker.left_out().records;
  }

  void extract_layer(const copy::BlobWork& layer, LayerUnpacker& unpacker) {
    const auto begun = std::chrono::steady_clock::now();
    tell(copy::BlobBegun{layer, 0});
    while_doing([&] { return fmt::format("layer '{}'", layer.blob.digest.str()); },
                [&] {
                  // Of its own: who can not write any more need not wait for the network.
                  std::stop_source stop;
                  const std::stop_callback forward(stop_, [&stop] { stop.request_stop(); });
                  copy::WatchedSource content(
                      cache_.places()(layer.repository).open_blob(layer.blob, 0, stop.get_token()),
                      layer, 0, blob_observer_);
                  unpacker.apply(content, stop);
                });
    tell(copy::BlobFinished{layer, copy::BlobOutcome::kSent,
                            std::chrono::steady_clock::now() - begun});
  }

  void pull_root_bundle(const oci::Repository& repository, const oci::Manifest& manifest,
                        const fs::path& directory) {
    root_ = directory;
    tell(PullBegun{"bundle", name_of(repository, manifest)});
    extract(repository, manifest, directory, 1, "Extracting bundle into directory");
    const bool is_relocated = pull_content(repository, manifest, directory, 0);
    tell(LockLookedAt{});
    tell(LockFinished{repository, is_relocated});
  }

  // Nested bundles, then the lock of this one; true if it was rewritten.
  bool pull_content(const oci::Repository& repository, const oci::Manifest& manifest,
                    const fs::path& directory, int depth) {
    const fs::path lock_path = directory / ".imgpkg" / "images.yml";
    if (!request_.check_kind && !fs::exists(lock_path)) return false;
    ImagesLock lock = ImagesLock::load(lock_path);
    const auto locations = find_locations(repository, manifest.digest(), cache_, stop_);
    const bool relocated = locations || are_images_beside(repository, lock, cache_, pool_, stop_);
    if (request_.recursive)
      for (const LockedImage& image : lock.images)
        pull_nested(relocated ? repository : image.reference.repository, image, locations, depth);
    if (!relocated) return false;
    for (LockedImage& image : lock.images) image.reference.repository = repository;
    replace_file(lock_path, lock.encode());
    return true;
  }

  // Always directly below the root bundle, however deep the nesting.
  void pull_nested(const oci::Repository& repository, const LockedImage& image,
                   const std::optional<Locations>& locations, int depth) {
    if (is_known_plain(image, locations)) return;
    const oci::ManifestPtr manifest = cache_.manifest(repository, image.digest().str(), stop_);
    if (!is_bundle(*manifest, repository, cache_, stop_)) return;
    if (!std::exchange(said_nested_, true)) tell(NestedBundlesBegun{});
    const std::string original = image.reference.name();
    if (!pulled_.insert(original).second) {
      tell(NestedBundleSkipped{original, depth + 1});
      return;
    }
    if (depth == kMaxBundleNesting) throw Error(ErrorKind::kParse, "bundles are nested too deeply");
    tell(NestedBundleBegun{name_of(repository, *manifest), depth + 1});
    const fs::path directory =
        root_ / ".imgpkg" / "bundles" /
        fmt::format("{}-{}", image.digest().algorithm_name(), image.digest().hex());
    fs::remove_all(directory);  // the outer bundle has no say in what is in this one
    fs::create_directories(directory);
    extract(repository, *manifest, directory, depth + 2, "Extracting bundle into directory");
    pull_content(repository, *manifest, directory, depth + 1);
  }

  static bool is_known_plain(const LockedImage& image, const std::optional<Locations>& locations) {
    if (!locations) return false;
    for (const Location& location : locations->images)
      if (location.image == image.reference.name()) return !location.is_bundle;
    return false;
  }

  const PullRequest& request_;
  copy::ManifestCache& cache_;
  ThreadPool& pool_;
  std::stop_token stop_;
  fs::path root_;
  LeftOut left_out_;
  std::set<std::string> pulled_;  // nested bundles, by the text of the lock
  bool said_nested_ = false;
  const copy::Observer blob_observer_ = part_of(request_.observer);
};

}  // namespace

LeftOut pull(const PullRequest& request, copy::ManifestCache& cache, ThreadPool& pool,
             std::stop_token stop) {
  // Before anything is downloaded.
  check_output(resolve_output(request.output), request.replaces);
  return Puller(request, cache, pool, std::move(stop)).run();
}

}  // namespace tote::bundle
