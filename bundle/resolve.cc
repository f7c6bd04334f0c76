#include "bundle/resolve.h"

#include "base/error.h"
#include "base/mutex.h"
#include "bundle/bundle_image.h"
#include "bundle/locations.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <set>

namespace tote::bundle {
namespace {

// The same image text twice is one image: the last annotations, in the first place.
std::vector<LockedImage> without_repeats(const std::vector<LockedImage>& images) {
  std::vector<LockedImage> unique;
  std::map<std::string, std::size_t> places;
  for (const LockedImage& image : images) {
    const auto [place, is_new] = places.try_emplace(image.reference.name(), unique.size());
    if (is_new)
      unique.push_back(image);
    else
      unique[place->second].annotations = image.annotations;
  }
  return unique;
}

class Resolver {
 public:
  Resolver(copy::ManifestCache& cache, const Session& session, ResolveOptions options)
      : cache_(cache), session_(session), options_(std::move(options)) {}

  void resolve(const oci::Repository& repository, const oci::Manifest& bundle, int depth,
               const std::stop_token& stop) {
    if (depth == kMaxBundleNesting) throw Error(ErrorKind::kParse, "bundles are nested too deeply");
    if (!seen_.emplace(repository, bundle.digest()).second) return;
    const std::size_t place = bundles_.size();
    const Named named = look_at(repository, bundle, depth, stop);
    bundles_.push_back({repository, bundle.descriptor(),
                        find_images(repository, bundle, named, stop),
                        named.locations ? named.locations->carrier : std::nullopt});
    for (const ResolvedImage& image : std::vector(bundles_[place].images))
      if (image.is_bundle && !resolve_nested(image, depth, stop))
        session_.failures->add_incomplete(bundle.digest());
  }

  std::vector<ResolvedBundle> take() { return std::move(bundles_); }

 private:
  bool resolve_nested(const ResolvedImage& image, int depth, const std::stop_token& stop) {
    return copy::keep_going(session_.failures, image.target.digest, [&] {
      while_doing(
          [&] {
            return fmt::format("Retrieving images for bundle '{}'",
                               oci::digest_reference(image.repository, image.target.digest));
          },
          [&] {
            resolve(image.repository,
                    *cache_.manifest(image.repository, image.target.digest.str(), stop), depth + 1,
                    stop);
          });
    });
  }

  // What a bundle says of its images, and its relocation record.
  struct Named {
    std::vector<LockedImage> images;
    std::optional<Locations> locations;
  };

  // All that has to be asked, at once: each answer takes as long as the way there.
  Named look_at(const oci::Repository& repository, const oci::Manifest& bundle, int depth,
                const std::stop_token& stop) {
    Named named;
    std::exception_ptr failure;  // perhaps for the reason that the check gives
    TaskGroup group(session_.pool, stop);
    if (depth == 0 && options_.check) group.run([&](const std::stop_token&) { options_.check(); });
    group.run([&](const std::stop_token& token) {
      try {
        named.images = without_repeats(read_images_lock(bundle, repository, cache_, token).images);
      } catch (...) {
        failure = std::current_exception();
      }
    });
    group.run([&](const std::stop_token& token) { cache_.tags(repository, token); });
    group.run([&](const std::stop_token& token) {
      named.locations = find_locations(repository, bundle.digest(), cache_, token);
    });
    group.wait();
    if (failure) std::rethrow_exception(failure);
    return named;
  }

  using Images = std::vector<std::optional<ResolvedImage>>;  // nullopt: it has failed

  std::vector<ResolvedImage> find_images(const oci::Repository& repository,
                                         const oci::Manifest& bundle, const Named& named,
                                         const std::stop_token& stop) {
    Images found = named.locations || !seem_elsewhere(repository, named.images, stop)
                       ? find_beside(repository, bundle, named, stop)
                       : find_elsewhere(repository, bundle, named, stop);
    std::vector<ResolvedImage> images;
    for (std::optional<ResolvedImage>& image : found)
      if (image) images.push_back(*std::move(image));
    return images;
  }

  Images find_beside(const oci::Repository& repository, const oci::Manifest& bundle,
                     const Named& named, const std::stop_token& stop) {
    const std::set<std::string> plain = plain_images(named.locations);
    Images found(named.images.size());
    TaskGroup group(session_.pool, stop);
    for (std::size_t i = 0; i < found.size(); ++i)
      group.run([&, i](const std::stop_token& token) {
        const LockedImage& locked = named.images[i];
        find(bundle, locked, found[i], token, [&] {
          return plain.contains(locked.reference.name())
                     ? beside(repository, locked, token)
                     : found_at(locked, fetch_from_either(repository, locked, token), token);
        });
      });
    group.wait();
    return found;
  }

  // Whether they are is told by the first of them. The others are fetched meanwhile, unless they
  // are on other hosts, which may be out of reach; what was fetched in vain is forgotten.
  Images find_elsewhere(const oci::Repository& repository, const oci::Manifest& bundle,
                        const Named& named, const std::stop_token& stop) {
    bool are_beside = false;
    TaskGroup asking(session_.pool, stop);  // before the others, or it would wait for its turn
    asking.run([&](const std::stop_token& token) {
      are_beside = is_beside(repository, named.images.front(), token);
    });
    const bool waits = session_.failures != nullptr || are_on_other_hosts(repository, named.images);
    if (waits) asking.wait();
    if (!waits || !are_beside) {
      Images found(named.images.size());
      TaskGroup group(session_.pool, stop);
      const auto fetch = [&](std::size_t i) {
        group.run([&, i](const std::stop_token& token) {
          const LockedImage& locked = named.images[i];
          find(bundle, locked, found[i], token, [&] {
            return found_at(locked, fetch_from_original(repository, locked, token), token);
          });
        });
      };
      for (std::size_t i = 1; i < found.size(); ++i) fetch(i);
      if (!waits) asking.wait();
      if (!are_beside) {
        fetch(0);
        group.wait();
        return found;
      }
    }
    return find_beside(repository, bundle, named, stop);
  }

  template <class Look>
  void find(const oci::Manifest& bundle, const LockedImage& locked,
            std::optional<ResolvedImage>& found, const std::stop_token& stop, const Look& look) {
    const bool is_found = copy::keep_going(session_.failures, locked.digest(), [&] {
      found = look();
      if (options_.needs_tags && is_new(found->repository)) cache_.tags(found->repository, stop);
    });
    if (!is_found) session_.failures->add_incomplete(bundle.digest());
  }

  bool is_new(const oci::Repository& place) {
    const Lock lock(mutex_);
    return places_.insert(place).second;
  }

  // Whether it is probably of no use to ask for one after the other beside the bundle: no tag there
  // is about one of them.
  bool seem_elsewhere(const oci::Repository& repository, const std::vector<LockedImage>& locked,
                      const std::stop_token& stop) {
    constexpr std::size_t kWorthAList = 4;
    if (locked.size() < kWorthAList || locked.front().reference.repository == repository)
      return false;
    const auto tags = cache_.tags(repository, stop);
    if (!tags) return false;
    std::set<std::string, std::less<>> digests;
    for (const LockedImage& image : locked) digests.insert(image.digest().hex());
    const auto is_about_one = [&](const std::string& tag) {
      const std::size_t dash = tag.find("sha256-");
      return dash != std::string::npos && digests.contains(tag.substr(dash + 7, 64));
    };
    return std::none_of(tags->begin(), tags->end(), is_about_one);
  }

  static bool are_on_other_hosts(const oci::Repository& repository,
                                 const std::vector<LockedImage>& locked) {
    return std::any_of(locked.begin(), locked.end(), [&](const LockedImage& image) {
      return image.reference.repository.registry != repository.registry;
    });
  }

  bool is_beside(const oci::Repository& repository, const LockedImage& locked,
                 const std::stop_token& stop) {
    try {
      cache_.manifest_at(repository, locked.digest(), stop);
      return true;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kDigestMismatch) throw;
      return false;
    }
  }

  // Those that the relocation record calls no bundles.
  static std::set<std::string> plain_images(const std::optional<Locations>& locations) {
    std::set<std::string> plain;
    if (!locations) return plain;
    for (const Location& location : locations->images)
      if (!location.is_bundle) plain.insert(location.image);
    return plain;
  }

  ResolvedImage beside(const oci::Repository& repository, const LockedImage& locked,
                       const std::stop_token& stop) {
    return {locked, repository,
            cache_.manifest(repository, locked.digest().str(), stop)->descriptor(), false};
  }

  using Found = std::pair<oci::Repository, oci::ManifestPtr>;

  ResolvedImage found_at(const LockedImage& locked, const Found& found,
                         const std::stop_token& stop) {
    const auto& [place, manifest] = found;
    return {locked, place, manifest->descriptor(), names_images(*manifest, place, stop)};
  }

  bool names_images(const oci::Manifest& manifest, const oci::Repository& place,
                    const std::stop_token& stop) {
    if (options_.goes_by_layers && manifest.layers().size() > 1) return false;
    return is_bundle(manifest, place, cache_, stop);
  }

  // Beside the bundle too, if it is not there.
  Found fetch_from_original(const oci::Repository& repository, const LockedImage& locked,
                            const std::stop_token& stop) {
    const oci::Repository& original = locked.reference.repository;
    try {
      return {original, cache_.manifest_at(original, locked.digest(), stop)};
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kDigestMismatch) throw;
    }
    return fetch_from_either(repository, locked, stop);
  }

  Found fetch_from_either(const oci::Repository& repository, const LockedImage& locked,
                          const std::stop_token& stop) {
    try {
      return {repository, cache_.manifest_at(repository, locked.digest(), stop)};
    } catch (const Error& error) {
      // A registry may deny what it does not have, but wrong content is no absence.
      if (error.kind() == ErrorKind::kDigestMismatch) throw;
    }
    const oci::Repository& original = locked.reference.repository;
    return while_doing(
        [] { return "Checking image existence"; },
        [&] { return Found(original, cache_.manifest_at(original, locked.digest(), stop)); });
  }

  copy::ManifestCache& cache_;
  const Session& session_;
  const ResolveOptions options_;
  std::set<std::pair<oci::Repository, oci::Digest>> seen_;
  std::vector<ResolvedBundle> bundles_;
  Mutex mutex_;
  std::set<oci::Repository> places_ TOTE_GUARDED_BY(mutex_);  // of images, as far as they are found
};

}  // namespace

std::vector<ResolvedBundle> resolve_bundle(const oci::Repository& repository,
                                           const oci::Manifest& bundle, copy::ManifestCache& cache,
                                           const Session& session, ResolveOptions options) {
  Resolver resolver(cache, session, std::move(options));
  resolver.resolve(repository, bundle, 0, session.stop);
  return resolver.take();
}

}  // namespace tote::bundle
