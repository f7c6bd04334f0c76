#include "bundle/verify.h"

#include "base/error.h"
#include "base/mutex.h"
#include "base/slots.h"
#include "bundle/bundle_image.h"
#include "bundle/expectation.h"
#include "bundle/find_extra.h"
#include "bundle/inspected_place.h"
#include "copy/execute.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <utility>

namespace tote::bundle {
namespace {

// An image or index that should be there.
struct Node {
  oci::Repository repository;  // where it is looked for
  oci::Digest digest;
  std::vector<oci::Repository> sources = {};  // where it may be had
  bool is_named = true;                       // not only by an index
  int depth = 0;
};

class Verification {
 public:
  Verification(const VerifyRequest& request, registry::Client& client, const Session& session)
      : request_(request),
        client_(client),
        session_(session),
        place_(request.place, client),
        cache_([this](const oci::Repository& name) -> oci::ImageReader& {
          return place_.reader(name);
        }) {}

  Verified run() {
    if (request_.expected) expected_.emplace(*request_.expected, place_.base(), client_, session_);
    if (!open()) return std::move(result_);
    check_all(images());
    if (expected_)
      for (Finding& finding : find_extra(place_, seen_, client_, session_)) add(std::move(finding));
    sort_findings(result_.findings);
    return std::move(result_);
  }

 private:
  bool open() {
    try {
      place_.open(session_);
      return true;
    } catch (const Error& error) {
      if (!is_about_content(error)) throw;
      add({FindingKind::kCorrupt, Concern::kPlace, place_.file()->path.string(), error.message()});
      return false;
    }
  }

  std::vector<ExpectedImage> images() {
    if (expected_) return expected_->images();
    if (place_.archive() != nullptr) return images_of(*place_.archive());
    const RegistryPlace& place = *place_.registry();
    if (place.tag.empty() && !place.digest) return all_tagged(place.repository);
    const oci::Reference reference = place.reference();
    const oci::ManifestPtr root =
        cache_.manifest(reference.repository, reference.identifier(), session_.stop);
    return {{reference.repository, root->digest()}};
  }

  std::vector<ExpectedImage> all_tagged(const oci::Repository& name) {
    registry::RemoteRepository& repository = client_.repository(name);
    std::vector<ExpectedImage> images;
    for (const std::string& tag : repository.tags(session_.stop))
      if (const auto target = repository.resolve(tag, session_.stop))
        images.push_back({name, target->digest, tag});
    return images;
  }

  // ---- looking ---------------------------------------------------------------------------------

  void check_all(const std::vector<ExpectedImage>& images) {
    TaskGroup group(session_.pool, session_.stop);
    group_ = &group;
    for (const ExpectedImage& image : images) {
      check({place_.home(), image.digest, {image.source}});
      if (!image.tag.empty())
        group.run([this, image](const std::stop_token& stop) { check_tag(image, stop); });
      if (!request_.signatures.keys.empty())
        group.run([this, image](const std::stop_token&) { check_signature(image); });
    }
    group.wait();
    group_ = nullptr;
  }

  void check(const Node& node) {
    {
      const Lock lock(mutex_);
      if (!seen_.insert(node.digest).second) return;
      ++result_.images;
      ++wanted_;
    }
    group_->run([=, this](const std::stop_token& stop) {
      if (const oci::ManifestPtr manifest = find(node, stop)) look(node, *manifest, stop);
      count();
    });
  }

  // What is wrong with it is noted; then it is as it should be. Null: nobody has it.
  oci::ManifestPtr find(const Node& node, const std::stop_token& stop) {
    if (node.depth > kMaxBundleNesting + oci::kMaxIndexNesting) {
      note(node, Error(ErrorKind::kParse, "it is nested too deeply"));
      return nullptr;
    }
    try {
      return cache_.manifest(node.repository, node.digest.str(), stop);
    } catch (const Error& error) {
      note(node, error);
    }
    return find_expected(node, stop);
  }

  bool may_ask_expected() const {
    return expected_ && (expected_->archive() != nullptr || request_.asks_expected);
  }

  oci::ManifestPtr find_expected(const Node& node, const std::stop_token& stop) {
    if (!may_ask_expected()) return nullptr;
    for (const oci::Repository& source : node.sources) {
      try {
        return expected_->cache().manifest(source, node.digest.str(), stop);
      } catch (const Error&) {
        // Whoever repairs the place is told.
      }
    }
    return nullptr;
  }

  void look(const Node& node, const oci::Manifest& manifest, const std::stop_token& stop) {
    for (const oci::Descriptor& child : manifest.children())
      if (!stays_away(node.digest, child.digest))
        check({node.repository, child.digest, node.sources, false, node.depth + 1});
    bool is_right = true;
    for (const oci::Descriptor& blob : manifest.blobs())
      is_right = check_blob(node, blob, stop) && is_right;
    try {
      if (is_right) return look_into(node, manifest, node.repository, cache_, stop);
    } catch (const Error& error) {
      if (!find_damage(node, manifest, stop)) return note(node, error);
    }
    look_into_expected(node, manifest, stop);
  }

  // What a bundle names.
  void look_into(const Node& node, const oci::Manifest& bundle, const oci::Repository& where,
                 copy::ManifestCache& cache, const std::stop_token& stop) {
    if (!is_bundle(bundle, where, cache, stop)) return;
    for (const LockedImage& image : read_images_lock(bundle, where, cache, stop).images) {
      const bool is_beside = place_.archive() != nullptr || expected_ ||
                             is_there(node.repository, image.digest(), stop);
      std::vector<oci::Repository> sources = node.sources;
      sources.push_back(image.reference.repository);
      check({is_beside ? node.repository : image.reference.repository, image.digest(),
             std::move(sources), true, node.depth + 1});
    }
  }

  bool is_there(const oci::Repository& repository, const oci::Digest& digest,
                const std::stop_token& stop) {
    return place_.reader(repository).resolve(digest.str(), stop).has_value();
  }

  // What a bundle without its layer names can be told by who has it.
  void look_into_expected(const Node& node, const oci::Manifest& bundle,
                          const std::stop_token& stop) {
    if (!may_ask_expected()) return;
    for (const oci::Repository& source : node.sources) {
      try {
        return look_into(node, bundle, source, expected_->cache(), stop);
      } catch (const Error&) {
        // As in find_expected().
      }
    }
  }

  // Something was wrong with what had to be read of an image; is it content that has not the right
  // digest, which shows late?
  bool find_damage(const Node& node, const oci::Manifest& image, const std::stop_token& stop) {
    bool is_damaged = false;
    for (const oci::Descriptor& blob : image.blobs()) {
      const bool is_config = image.has_config() && blob.digest == image.config().digest;
      if (is_config || image.layers().size() == 1)  // a bundle has one
        is_damaged = !is_right(node, blob, stop) || is_damaged;
    }
    return is_damaged;
  }

  // Images of an index for platforms that were not asked for when it was copied: an archive that
  // has lost one can not be opened.
  bool stays_away(const oci::Digest& index, const oci::Digest& child) const {
    const auto was_left_out = [&](const archive::Archive* archive) {
      return archive != nullptr && archive->contents().find_manifest(index) &&
             !archive->contents().find_manifest(child);
    };
    return was_left_out(place_.archive()) || (expected_ && was_left_out(expected_->archive()));
  }

  // ---- blobs -----------------------------------------------------------------------------------

  // False if it is missing or damaged.
  bool check_blob(const Node& node, const oci::Descriptor& blob, const std::stop_token& stop) {
    {
      const Lock lock(mutex_);
      if (!blobs_.insert(blob.digest).second) return !wrong_.contains(blob.digest);
      ++result_.blobs;
    }
    if (!place_.reader(node.repository).has_blob(blob, stop))
      return is_left_out(node, blob, stop) ? false : note_missing(node, blob);
    if (!request_.deep && !request_.deep_for.contains(blob.digest)) return true;
    return is_right(node, blob, stop);
  }

  // An archive with only what is new has nothing of what it leaves out, and of some layers patches.
  bool is_left_out(const Node& node, const oci::Descriptor& blob, const std::stop_token& stop) {
    const archive::ArchiveReader* archive = place_.archive();
    if (archive == nullptr) return false;
    const bool is_patched = archive->rebuilds(blob.digest);
    if (!is_patched && !archive->leaves_out(blob.digest)) return false;
    {
      const Lock lock(mutex_);
      ++result_.left_out;
    }
    if (is_patched && request_.deep)
      for (const archive::RebuiltLayer& layer : archive->rebuilt_layers())
        if (layer.layer.digest == blob.digest) is_right(node, layer.patch, stop);
    return true;
  }

  // Layers that their vendors do not let others hand on need not be there.
  bool note_missing(const Node& node, const oci::Descriptor& blob) {
    if (!oci::is_non_distributable(blob.media_type))
      add(about(FindingKind::kMissing, node, blob, "the blob is not there"));
    const Lock lock(mutex_);
    wrong_.insert(blob.digest);
    return false;
  }

  bool is_right(const Node& node, const oci::Descriptor& blob, const std::stop_token& stop) {
    try {
      read(node.repository, blob, stop);
      return true;
    } catch (const Error& error) {
      add(about(kind_of(error), node, blob, error.message()));
    }
    const Lock lock(mutex_);
    wrong_.insert(blob.digest);
    return false;
  }

  void read(const oci::Repository& repository, const oci::Descriptor& blob,
            const std::stop_token& stop) {
    std::optional<Slots::Slot> slot;
    if (blob.size >= copy::kLargeBlob) slot.emplace(streams_);
    const std::unique_ptr<Source> content = place_.reader(repository).open_blob(blob, 0, stop);
    std::vector<std::byte> buffer(kStreamChunk);
    while (const std::size_t n = content->read_some(buffer)) {
      if (stop.stop_requested()) throw Cancelled();
      const Lock lock(mutex_);
      result_.bytes += n;
    }
  }

  // ---- names and signatures --------------------------------------------------------------------

  void check_tag(const ExpectedImage& image, const std::stop_token& stop) {
    const std::optional<oci::Digest> there = find_tag(image.tag, stop);
    if (there == image.digest) return;
    Finding finding{there ? FindingKind::kChanged : FindingKind::kMissing, Concern::kTag,
                    place_.name_of_tag(image.tag), "there is no such tag"};
    if (there)
      finding.why = fmt::format("it leads to {}, not to {}", there->str(), image.digest.str());
    finding.content = oci::Descriptor{{}, image.digest};
    finding.tag = image.tag;
    finding.sources = {image.source};
    add(std::move(finding));
  }

  std::optional<oci::Digest> find_tag(const std::string& tag, const std::stop_token& stop) {
    if (place_.archive() == nullptr) {
      const auto there = place_.reader(place_.home()).resolve(tag, stop);
      return there ? std::optional(there->digest) : std::nullopt;
    }
    for (const oci::CarriedImage& there : place_.archive()->contents().images)
      if (there.tag == tag) return there.target.digest;
    return std::nullopt;
  }

  void check_signature(const ExpectedImage& image) {
    try {
      verify_signatures({{place_.home(), image.digest}}, request_.signatures, cache_, session_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUsage) throw;
      add({FindingKind::kUnsigned, Concern::kSignature, place_.name_of(place_.home(), image.digest),
           error.message()});
    }
  }

  // ---- what is found ---------------------------------------------------------------------------

  static bool is_about_content(const Error& error) {
    return error.kind() == ErrorKind::kParse || error.kind() == ErrorKind::kDigestMismatch;
  }

  // Rethrows what is neither: call from inside the catch block.
  static FindingKind kind_of(const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) return FindingKind::kMissing;
    if (is_about_content(error)) return FindingKind::kCorrupt;
    throw;
  }

  void note(const Node& node, const Error& error) {
    Finding finding{kind_of(error), Concern::kManifest,
                    place_.name_of(node.repository, node.digest), error.message()};
    finding.content = oci::Descriptor{{}, node.digest};
    finding.sources = node.sources;
    finding.is_named = node.is_named;
    add(std::move(finding));
  }

  Finding about(FindingKind kind, const Node& node, const oci::Descriptor& blob,
                std::string why) const {
    Finding finding{kind, Concern::kBlob, place_.name_of(node.repository, blob.digest),
                    std::move(why)};
    finding.content = blob;
    finding.sources = node.sources;
    return finding;
  }

  void add(Finding finding) {
    const Lock lock(mutex_);
    result_.findings.push_back(std::move(finding));
  }

  void count() {
    const Lock lock(mutex_);
    tell(request_.observer, Counted{"images", ++looked_at_, wanted_});
  }

  const VerifyRequest& request_;
  registry::Client& client_;
  const Session& session_;
  InspectedPlace place_;
  std::optional<Expectation> expected_;
  copy::ManifestCache cache_;  // of the place
  TaskGroup* group_ = nullptr;
  Slots streams_{session_.streams};  // for large blobs
  Mutex mutex_;
  // What all tasks share is read without a lock when they have ended.
  std::set<oci::Digest> seen_;   // manifests that should be there
  std::set<oci::Digest> blobs_;  // likewise
  std::set<oci::Digest> wrong_;  // blobs that are missing or damaged
  std::size_t wanted_ = 0;
  std::size_t looked_at_ = 0;
  Verified result_;
};

}  // namespace

Verified verify(const VerifyRequest& request, registry::Client& client, const Session& session) {
  return Verification(request, client, session).run();
}

}  // namespace tote::bundle
