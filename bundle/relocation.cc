#include "bundle/relocation.h"

#include "archive/root_bundle.h"
#include "base/error.h"
#include "base/mutex.h"
#include "copy/execute.h"
#include "copy/survey.h"
#include "oci/image_graph.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace tote::bundle {
namespace {

// ---- names -------------------------------------------------------------------------------------

// Where the archive says that it came from, or where it was read.
OriginalName origin_of(const oci::CarriedImage& image) {
  const auto from = oci::Reference::try_parse_digest(image.known_as);
  return {from ? from->repository : image.repository, image.tag};
}

struct Claim {
  std::string name;  // of the image
  oci::Digest digest;
};

[[noreturn]] void refuse_conflict(const Claim& first, const Claim& second,
                                  const std::string& name) {
  throw Error(ErrorKind::kUsage,
              fmt::format("'{}' ({}) and '{}' ({}) are different images, but both would get the "
                          "name '{}'",
                          first.name, first.digest.str(), second.name, second.digest.str(), name))
      .with_hint(
          "--to-prefix without --strip-registry, or a --to-template with more fields, keeps them "
          "apart");
}

class Claims {
 public:
  // False if it is claimed for the same image already.
  bool add(const std::string& name, Claim claim) {
    const auto [found, is_new] = claims_.try_emplace(name, std::move(claim));
    if (!is_new && found->second.digest != claim.digest)
      refuse_conflict(found->second, claim, name);
    return is_new;
  }

 private:
  std::map<std::string, Claim> claims_;
};

// ---- work --------------------------------------------------------------------------------------

// The carried blobs, wherever somebody believes that they are.
class CargoReader final : public oci::ImageReader {
 public:
  explicit CargoReader(const Cargo& cargo) : cargo_(cargo) {
    for (const oci::CarriedLayer& layer : cargo.contents.layers)
      places_.emplace(layer.blob.digest, &layer.repository);
    for (const oci::CarriedConfig& config : cargo.contents.configs)
      places_.emplace(config.blob.digest, &config.repository);
  }

  std::optional<oci::Descriptor> resolve(std::string_view, std::stop_token) override { return {}; }
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token) override {
    throw Error(ErrorKind::kInternal, fmt::format("'{}' is no blob", tag_or_digest));
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    return reader_of(blob).has_blob(blob, std::move(stop));
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    return reader_of(blob).open_blob(blob, offset, std::move(stop));
  }

 private:
  oci::ImageReader& reader_of(const oci::Descriptor& blob) const {
    return cargo_.from(*places_.at(blob.digest));
  }

  const Cargo& cargo_;
  std::unordered_map<oci::Digest, const oci::Repository*> places_;
};

// An image with everything that is attached to it, to what is below it, and so on.
class WithAttached {
 public:
  WithAttached(const oci::Contents& contents, const oci::AttachedImages& attached)
      : contents_(contents), attached_(attached) {}

  void add(const oci::Descriptor& image, const std::string& tag) {
    images_.push_back({{}, image, tag, {}, {}});
    follow(image.digest);
  }
  std::vector<oci::CarriedImage> take() { return std::move(images_); }

 private:
  void follow(const oci::Digest& digest) {
    const oci::ManifestPtr manifest = contents_.find_manifest(digest);
    if (manifest == nullptr || !seen_.insert(digest).second) return;
    for (const oci::Attachment& attachment : attached_.of(digest))
      add(attachment.target, attachment.tag);
    for (const oci::Descriptor& child : manifest->children()) follow(child.digest);
  }

  const oci::Contents& contents_;
  const oci::AttachedImages& attached_;
  std::vector<oci::CarriedImage> images_;
  std::set<oci::Digest> seen_;
};

class PlaceSurvey {
 public:
  PlaceSurvey(const Cargo& cargo, const oci::Repository& own, const Session& session)
      : cargo_(cargo), attached_(cargo.contents), own_(own), session_(session) {}

  // What is to be in it.
  std::unique_ptr<const oci::Contents> contents_of(const std::vector<PlacedImage>& images,
                                                   const oci::Repository& place) {
    if (place == own_) return tags_alone(images);
    WithAttached all(cargo_.contents, attached_);
    for (const PlacedImage& image : images) all.add(descriptor_of(image), image.name.tag);
    auto contents = std::make_unique<oci::Contents>(oci::part_of(cargo_.contents, all.take()));
    for (oci::CarriedLayer& layer : contents->layers)
      layer.repository = owner(layer.blob.digest, place);
    for (oci::CarriedConfig& config : contents->configs)
      config.repository = owner(config.blob.digest, place);
    return contents;
  }

  void look(PlaceWork& place, bool asks_for_all) const {
    place.work = copy::survey(*place.contents, *place.to,
                              {.name_of = [](const oci::CarriedImage& image) { return image.tag; },
                               .failures = session_.failures,
                               .asks_for_all = asks_for_all},
                              session_.pool, session_.stop);
    expect_base(cargo_, place.work);
  }

 private:
  oci::Descriptor descriptor_of(const PlacedImage& image) const {
    return cargo_.contents.find_manifest(image.digest)->descriptor();
  }

  // All that they need is there already.
  std::unique_ptr<const oci::Contents> tags_alone(const std::vector<PlacedImage>& images) const {
    auto contents = std::make_unique<oci::Contents>();
    for (const PlacedImage& image : images) {
      contents->images.push_back({own_, descriptor_of(image), image.name.tag, {}, {}});
      contents->manifests.add(cargo_.contents.find_manifest(image.digest));
    }
    return contents;
  }

  // From where the others mount it.
  const oci::Repository& owner(const oci::Digest& blob, const oci::Repository& place) {
    if (place.registry == own_.registry) return own_;
    return owners_.try_emplace({place.registry, blob}, place).first->second;
  }

  const Cargo& cargo_;
  const oci::AttachedImages attached_;
  const oci::Repository& own_;
  const Session& session_;
  std::map<std::pair<std::string, oci::Digest>, oci::Repository> owners_;
};

// Of the work in one place those blobs that are in this state and may still arrive.
copy::Work blobs_of(const copy::Work& work, copy::BlobState state, const Session& session) {
  copy::Work part;
  for (const copy::BlobWork& blob : work.blobs)
    if (blob.state == state &&
        (session.failures == nullptr || !session.failures->has_failed(blob.blob.digest)))
      part.blobs.push_back(blob);
  return part;
}

// One event after the other, whoever tells it.
Observer in_turn(const Observer& observer, Mutex& mutex) {
  if (!observer) return {};
  return [&](const Event& event) {
    const Lock lock(mutex);
    observer(event);
  };
}

class Execution {
 public:
  Execution(const Cargo& cargo, const Session& session)
      : session_(session), observer_(in_turn(cargo.observer, mutex_)), reader_(cargo) {}

  void send(const PlaceWork& place) {
    carry_out(place, blobs_of(place.work, copy::BlobState::kSend, session_));
  }

  void mount_and_name(const PlaceWork& place) {
    copy::Work work = blobs_of(place.work, copy::BlobState::kMount, session_);
    work.manifests = place.work.manifests;
    carry_out(place, work);
    for (const PlacedImage& image : place.images)
      if (session_.failures == nullptr || !session_.failures->is_incomplete(image.digest))
        tell(observer_, ImagePlaced{image});
  }

 private:
  void carry_out(const PlaceWork& place, const copy::Work& work) {
    if (work.blobs.empty() && work.manifests.empty()) return;
    registry::RemoteRepository& to = *place.to;
    while_doing([&] { return fmt::format("Copying to '{}'", to.name().name()); },
                [&] {
                  copy::execute(
                      work, [this](const auto&) -> oci::ImageReader& { return reader_; }, to,
                      session_.pool,
                      {.observer = part_of(observer_),
                       .retry = to.retry_policy(),
                       .failures = session_.failures,
                       .streams = session_.streams},
                      session_.stop);
                });
  }

  const Session& session_;
  Mutex mutex_;
  const Observer observer_;
  CargoReader reader_;
};

}  // namespace

std::vector<KnownImage> known_images(const oci::Contents& contents,
                                     const std::vector<BundleRecord>& bundles,
                                     const std::string& images_lock) {
  std::vector<KnownImage> known;
  std::set<oci::Digest> named;
  const auto add = [&](OriginalName name, const oci::Digest& digest) {
    named.insert(digest);
    if (contents.find_manifest(digest) != nullptr) known.push_back({std::move(name), digest});
  };
  const auto add_all = [&](const ImagesLock& lock) {
    for (const LockedImage& image : lock.images) add(original_name(image), image.digest());
  };
  for (const BundleRecord& bundle : bundles) add_all(bundle.lock);
  if (!images_lock.empty()) add_all(ImagesLock::parse(images_lock, "images lock"));
  const oci::AttachedImages attached(contents);
  const std::set<oci::Digest> by_locks = named;
  for (const oci::CarriedImage& image : contents.images)
    if (!image.labels.contains(archive::kRootBundleLabel) && !attached.contains(image) &&
        !by_locks.contains(image.target.digest))
      add(origin_of(image), image.target.digest);
  return known;
}

std::vector<PlacedImage> place_images(const std::vector<KnownImage>& known,
                                      const RelocatedName& rule, const oci::Contents& contents,
                                      const oci::Repository& own) {
  Claims claims;
  for (const oci::CarriedImage& image : contents.images)
    if (!image.tag.empty())
      claims.add(oci::Reference{own, image.tag, {}}.name(),
                 {OriginalName{image.repository, image.tag}.name(), image.target.digest});
  std::map<std::string, PlacedImage> placed;
  for (const KnownImage& image : known) {
    oci::Reference name = rule.of(image.name, image.digest);
    const std::string text = name.name();
    claims.add(text, {image.name.name(), image.digest});
    placed.try_emplace(text, PlacedImage{image.name.name(), image.digest, std::move(name)});
  }
  std::vector<PlacedImage> images;
  for (auto& entry : placed) images.push_back(std::move(entry.second));
  return images;
}

std::vector<PlaceWork> survey_places(const std::vector<PlacedImage>& images, const Cargo& cargo,
                                     const oci::Repository& own, bool asks_for_all,
                                     registry::Client& client, const Session& session) {
  std::map<oci::Repository, std::vector<PlacedImage>> by_place;
  for (const PlacedImage& image : images) by_place[image.name.repository].push_back(image);
  PlaceSurvey survey(cargo, own, session);
  std::vector<PlaceWork> places;
  for (auto& [repository, of_it] : by_place) {
    auto contents = survey.contents_of(of_it, repository);
    places.push_back({&client.repository(repository), std::move(of_it), std::move(contents)});
  }
  TaskGroup group(session.pool, session.stop);
  for (PlaceWork& place : places)
    group.run([&](const std::stop_token&) { survey.look(place, asks_for_all); });
  group.wait();
  return places;
}

// What is sent is sent before anything is mounted from where it goes.
void execute(const std::vector<PlaceWork>& places, const Cargo& cargo, const Session& session) {
  if (places.empty()) return;
  Execution execution(cargo, session);
  for (const PlaceWork& place : places) execution.send(place);
  TaskGroup group(session.pool, session.stop);
  for (const PlaceWork& place : places)
    group.run([&](const std::stop_token&) { execution.mount_and_name(place); });
  group.wait();
}

}  // namespace tote::bundle
