#include "bundle/signature_policy.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "base/file.h"
#include "bundle/bundle_image.h"
#include "bundle/find_attached.h"
#include "bundle/resolve.h"
#include "bundle/signed_content.h"
#include "oci/attached.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kMaxKeyFile = 64U << 10U;
constexpr std::size_t kMaxSignatures = 1000;  // of one image

// Looks for one image that it has been signed.
class ImageCheck {
 public:
  ImageCheck(const ImagePlace& place, const SignaturePolicy& policy, copy::ManifestCache& cache,
             const std::stop_token& stop)
      : place_(place), policy_(policy), cache_(cache), stop_(stop) {}

  void run() {
    if (!is_signed()) refuse();
  }

 private:
  bool is_signed() { return has_signature_tag() || has_bundle(); }

  bool has_signature_tag() {
    const FoundByTag found =
        find_by_tag(place_.repository, place_.image, oci::kSignatureSuffix, cache_, stop_);
    if (found.denied) note("the registry does not show whether it has one");
    if (found.manifest == nullptr) return false;
    for (const oci::Descriptor& layer : found.manifest->layers()) {
      if (layer.media_type != kSimpleSigningType) continue;
      if (!may_look_at(layer)) continue;
      const auto signature = layer.annotations.find(kSignatureAnnotation);
      if (signature == layer.annotations.end())
        note("it has no annotation with the signature");
      else if (is_good([&] { return read_simple_signing(read(layer), signature->second); }))
        return true;
    }
    return false;
  }

  bool has_bundle() {
    for (const oci::ManifestPtr& referrer :
         find_referrers(place_.repository, place_.image, {}, cache_, stop_))
      for (const oci::Descriptor& layer : referrer->layers())
        if (is_sigstore_bundle(layer.media_type) && may_look_at(layer) &&
            is_good([&] { return read_sigstore_bundle(read(layer)); }))
          return true;
    return false;
  }

  bool may_look_at(const oci::Descriptor& content) {
    if (content.size > kMaxSignedContent)
      note(fmt::format("one is larger than {} bytes", kMaxSignedContent));
    else if (++looked_at_ > kMaxSignatures)
      note(fmt::format("there are more than {}", kMaxSignatures));
    else
      return true;
    return false;
  }

  // Several keys sign the same payload: that is in several layers then, one behind the other.
  const std::string& read(const oci::Descriptor& content) {
    if (!last_read_ || last_read_->first != content.digest)
      last_read_.emplace(
          content.digest,
          oci::read_verified(cache_.places()(place_.repository).open_blob(content, 0, stop_),
                             content));
    return last_read_->second;
  }

  // Whether the key that signed it is trusted, and it is about this image.
  template <class Read>
  bool is_good(Read read) {
    try {
      const SignedContent content = read();
      const bool names_image = std::find(content.images.begin(), content.images.end(),
                                         place_.image) != content.images.end();
      const TrustedKey* key = signer_of(content);
      if (key != nullptr && names_image) return true;
      if (key != nullptr)
        note(fmt::format("the one by '{}' is of {}", key->file, list_of(content.images)));
      else
        note("one is by another key");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse) throw;
      note(error.message());
    }
    return false;
  }

  const TrustedKey* signer_of(const SignedContent& content) const {
    for (const TrustedKey& trusted : policy_.keys)
      for (const std::string& signature : content.signatures)
        if (trusted.key.verifies(as_bytes(content.bytes), as_bytes(signature))) return &trusted;
    return nullptr;
  }

  static std::string list_of(const std::vector<oci::Digest>& images) {
    return images.empty() ? "no image" : fmt::format("'{}'", images.front().str());
  }

  // Why something that looks like a signature does not count; the same reason once.
  void note(const std::string& why) {
    if (reasons_.size() < kMaxReasons &&
        std::find(reasons_.begin(), reasons_.end(), why) == reasons_.end())
      reasons_.push_back(why);
  }

  [[noreturn]] void refuse() const {
    const std::string name = oci::digest_reference(place_.repository, place_.image);
    if (reasons_.empty())
      throw Error(ErrorKind::kUsage, fmt::format("'{}' is not signed", name))
          .with_hint("neither a tag of cosign's nor a referrer there is a signature of it");
    Error error(ErrorKind::kUsage, fmt::format("'{}' has no signature by a key that is trusted: {}",
                                               name, fmt::join(reasons_, "; ")));
    const bool has_ed25519 =
        std::any_of(policy_.keys.begin(), policy_.keys.end(),
                    [](const auto& trusted) { return trusted.key.kind() == KeyKind::kEd25519; });
    if (has_ed25519)
      error.with_hint(
          "cosign 3 signs with Ed25519ph if the key is of Ed25519, which is not "
          "supported: use an ECDSA key");
    throw std::move(error);
  }

  static constexpr std::size_t kMaxReasons = 4;

  const ImagePlace& place_;
  const SignaturePolicy& policy_;
  copy::ManifestCache& cache_;
  const std::stop_token& stop_;
  std::size_t looked_at_ = 0;
  std::optional<std::pair<oci::Digest, std::string>> last_read_;
  std::vector<std::string> reasons_;
};

// What a lock names is an image, whatever else it says of itself.
std::set<oci::Digest> named_by_locks(const Selection& selection) {
  std::set<oci::Digest> named;
  for (const BundleRecord& bundle : selection.bundles) {
    named.insert(bundle.bundle);
    for (const LockedImage& image : bundle.lock.images) named.insert(image.digest());
  }
  return named;
}

bool is_root(const oci::CarriedImage& image) {
  return image.labels.contains(archive::kRootBundleLabel);
}

}  // namespace

std::vector<TrustedKey> load_trusted_keys(const std::vector<std::filesystem::path>& files) {
  std::vector<TrustedKey> keys;
  for (const std::filesystem::path& file : files)
    while_doing(
        [&] { return fmt::format("Reading public key '{}'", file.string()); },
        [&] {
          for (PublicKey& key : PublicKey::parse_pem(read_file(file, kMaxKeyFile), "PEM file"))
            keys.push_back({std::move(key), file.filename().string()});
        });
  return keys;
}

std::vector<ImagePlace> images_to_verify(const Selection& selection, VerifyScope scope,
                                         const oci::Contents* archive_contents) {
  const std::vector<oci::CarriedImage>& images = selection.images;
  const bool roots_only =
      scope == VerifyScope::kRoot && std::any_of(images.begin(), images.end(), is_root);
  std::optional<oci::AttachedImages> attached;
  if (archive_contents != nullptr) attached.emplace(*archive_contents);
  const std::set<oci::Digest> named = named_by_locks(selection);
  std::vector<ImagePlace> places;
  for (const oci::CarriedImage& image : images) {
    if (roots_only && !is_root(image)) continue;
    if (attached && attached->contains(image) && !named.contains(image.target.digest)) continue;
    places.push_back({image.repository, image.target.digest});
  }
  return places;
}

void verify_signatures(const std::vector<ImagePlace>& images, const SignaturePolicy& policy,
                       copy::ManifestCache& cache, const Session& session) {
  if (policy.keys.empty()) return;
  TaskGroup group(session.pool, session.stop);
  for (const ImagePlace& place : images)
    group.run([&](const std::stop_token& stop) {
      while_doing([] { return "Verifying signatures"; },
                  [&] { ImageCheck(place, policy, cache, stop).run(); });
    });
  group.wait();
}

void verify_signatures(const oci::Repository& repository, const oci::Manifest& image,
                       const SignaturePolicy& policy, copy::ManifestCache& cache,
                       const Session& session) {
  if (policy.keys.empty()) return;
  std::vector<ImagePlace> places = {{repository, image.digest()}};
  verify_signatures(places, policy, cache, session);
  if (policy.scope == VerifyScope::kRoot || !is_bundle(image, repository, cache, session.stop))
    return;
  places.clear();
  for (const ResolvedBundle& bundle : resolve_bundle(repository, image, cache, session))
    for (const ResolvedImage& named : bundle.images)
      places.push_back({named.repository, named.target.digest});
  verify_signatures(places, policy, cache, session);
}

}  // namespace tote::bundle
