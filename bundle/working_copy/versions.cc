#include "bundle/working_copy/versions.h"

#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/images_beside.h"
#include "bundle/locations.h"
#include "bundle/pull.h"

#include <utility>

namespace tote::bundle::working_copy {

Versions::Versions(registry::Client& client, const Session& session, const SignaturePolicy& policy,
                   Observer observer)
    : session_(session),
      policy_(policy),
      observer_(std::move(observer)),
      cache_([&client](const oci::Repository& name) -> oci::ImageReader& {
        return client.source(name);
      }) {}

oci::Digest Versions::resolve(const oci::Reference& image) {
  const oci::ManifestPtr manifest = while_doing(
      [] { return "Fetching image"; },
      [&] { return cache_.manifest(image.repository, image.identifier(), session_.stop); });
  verify_signatures(image.repository, *manifest, policy_, cache_, session_);
  return manifest->digest();
}

bool Versions::is_bundle(const oci::Repository& repository, const oci::Digest& digest) {
  return bundle::is_bundle(*cache_.manifest(repository, digest.str(), session_.stop), repository,
                           cache_, session_.stop);
}

void Versions::fetch(const oci::Repository& repository, const oci::Digest& digest,
                     const std::string& directory, const std::filesystem::path& to) {
  PullRequest request;
  request.source = {repository, {}, digest};
  request.kind = PullKind::kImage;
  request.check_kind = false;
  request.output = to;
  request.observer = observer_;
  request.sub_path = directory;
  pull(request, cache_, session_.pool, session_.stop);
}

LeftOut Versions::pull_new(const oci::Repository& repository, const oci::Digest& digest,
                           const std::string& directory, const std::filesystem::path& to,
                           const std::filesystem::path& home,
                           const std::function<void(const std::filesystem::path&)>& prepare) {
  PullRequest request;
  request.source = {repository, {}, digest};
  const bool as_bundle = directory.empty() && is_bundle(repository, digest);
  request.kind = as_bundle ? PullKind::kBundle : PullKind::kImage;
  request.check_kind = false;
  request.output = to;
  request.home = home;
  request.observer = observer_;
  request.sub_path = directory;
  request.prepare = prepare;
  return pull(request, cache_, session_.pool, session_.stop);
}

bool Versions::is_relocated(const oci::Repository& repository, const oci::Digest& digest,
                            const ImagesLock& lock) {
  return find_locations(repository, digest, cache_, session_.stop).has_value() ||
         are_images_beside(repository, lock, cache_, session_.pool, session_.stop);
}

}  // namespace tote::bundle::working_copy
