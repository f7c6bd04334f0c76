#include "bundle/resolve.h"

#include "base/error.h"
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
  Resolver(copy::ManifestCache& cache, const Session& session) : cache_(cache), session_(session) {}

  void resolve(const oci::Repository& repository, const oci::Manifest& bundle, int depth,
               const std::function<void()>& check, const std::stop_token& stop) {
    if (depth == kMaxBundleNesting) throw Error(ErrorKind::kParse, "bundles are nested too deeply");
    if (!seen_.emplace(repository, bundle.digest()).second) return;
    const std::size_t place = bundles_.size();
    const Named named = look_at(repository, bundle, check, stop);
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
                    {}, stop);
          });
    });
  }

  // What a bundle says of its images, and its relocation record.
  struct Named {
    std::vector<LockedImage> images;
    std::optional<Locations> locations;
  };

  // All that has to be asked, at once: each answer takes as long as the way there.
  Named look_at(const oci::Repository& repository, const oci::Manifest& bundle,
                const std::function<void()>& check, const std::stop_token& stop) {
    Named named;
    std::exception_ptr failure;  // perhaps for the reason that `check` gives
    TaskGroup group(session_.pool, stop);
    if (check) group.run([&](const std::stop_token&) { check(); });
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

  std::vector<ResolvedImage> find_images(const oci::Repository& repository,
                                         const oci::Manifest& bundle, const Named& named,
                                         const std::stop_token& stop) {
    const std::vector<LockedImage>& locked = named.images;
    const std::set<std::string> plain = plain_images(named.locations);
    const bool are_elsewhere = !named.locations && seem_elsewhere(repository, locked, stop);
    std::vector<std::optional<ResolvedImage>> found(locked.size());
    TaskGroup group(session_.pool, stop);
    for (std::size_t i = 0; i < locked.size(); ++i)
      group.run([&, i](std::stop_token token) {
        const bool is_found = copy::keep_going(session_.failures, locked[i].digest(), [&] {
          found[i] = plain.contains(locked[i].reference.name())
                         ? beside(repository, locked[i], token)
                         : find_image(repository, locked[i], are_elsewhere, token);
        });
        if (!is_found) session_.failures->add_incomplete(bundle.digest());
      });
    group.wait();
    std::vector<ResolvedImage> images;
    for (std::optional<ResolvedImage>& image : found)
      if (image) images.push_back(*std::move(image));
    return images;
  }

  // Whether it is of no use to ask for one after the other beside the bundle: no tag there is about
  // one of them, and the first one is not there without a tag either.
  bool seem_elsewhere(const oci::Repository& repository, const std::vector<LockedImage>& locked,
                      const std::stop_token& stop) {
    constexpr std::size_t kWorthAList = 4;
    if (locked.size() < kWorthAList) return false;
    const auto tags = cache_.tags(repository, stop);
    if (!tags) return false;
    std::set<std::string, std::less<>> digests;
    for (const LockedImage& image : locked) digests.insert(image.digest().hex());
    const auto is_about_one = [&](const std::string& tag) {
      const std::size_t dash = tag.find("sha256-");
      return dash != std::string::npos && digests.contains(tag.substr(dash + 7, 64));
    };
    if (std::any_of(tags->begin(), tags->end(), is_about_one)) return false;
    try {
      cache_.manifest_at(repository, locked.front().digest(), stop);
      return false;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kDigestMismatch) throw;
      return true;
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

  ResolvedImage find_image(const oci::Repository& repository, const LockedImage& locked,
                           bool is_elsewhere, const std::stop_token& stop) {
    const auto [place, manifest] = is_elsewhere ? fetch_from_original(repository, locked, stop)
                                                : fetch_from_either(repository, locked, stop);
    return {locked, place, manifest->descriptor(), is_bundle(*manifest, place, cache_, stop)};
  }

  using Found = std::pair<oci::Repository, oci::ManifestPtr>;

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
  std::set<std::pair<oci::Repository, oci::Digest>> seen_;
  std::vector<ResolvedBundle> bundles_;
};

}  // namespace

std::vector<ResolvedBundle> resolve_bundle(const oci::Repository& repository,
                                           const oci::Manifest& bundle, copy::ManifestCache& cache,
                                           const Session& session,
                                           const std::function<void()>& check) {
  Resolver resolver(cache, session);
  resolver.resolve(repository, bundle, 0, check, session.stop);
  return resolver.take();
}

}  // namespace tote::bundle
