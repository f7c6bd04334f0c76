#include "bundle/describe.h"

#include "base/error.h"
#include "base/mutex.h"
#include "bundle/bundle_image.h"
#include "bundle/find_attached.h"
#include "bundle/platforms.h"
#include "bundle/resolve.h"
#include "oci/image_graph.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace tote::bundle {
namespace {

constexpr std::size_t kMaxBytes = 64U << 20U;

bool is_linux_amd64(const oci::Descriptor& child) {
  return !child.platform ||
         (child.platform->os == "linux" && child.platform->architecture == "amd64");
}

// The image that imgpkg takes for an index; nullopt: none is for that platform.
std::optional<oci::Digest> usual_child(const oci::Manifest& index) {
  for (const oci::Descriptor& child : index.children())
    if (is_linux_amd64(child)) return child.digest;
  return std::nullopt;
}

class Describer {
 public:
  Describer(const DescribeOptions& options, copy::ManifestCache& cache, ThreadPool& pool,
            std::stop_token stop)
      : options_(options), cache_(cache), pool_(pool), stop_(std::move(stop)) {}

  DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& bundle,
                           const std::function<void()>& check) {
    resolve(repository, bundle, check);
    look_at_everything();
    const std::string name = oci::digest_reference(repository, bundle.digest());
    DescribedBundle described = tree(repository, bundle.digest(), name, {}, 0);
    described.total_bytes = total_bytes();
    return described;
  }

  DescribedBundle describe(const std::vector<DescribedRoot>& roots) {
    std::vector<const DescribedRoot*> images;
    std::vector<const DescribedRoot*> bundles;
    for (const DescribedRoot& root : roots)
      if (is_bundle(*root.manifest, root.repository, cache_, stop_)) {
        bundles.push_back(&root);
        resolve(root.repository, *root.manifest);
      } else {
        images.push_back(&root);
      }
    const auto is_named_by_bundle = [names = named_by_bundles()](const DescribedRoot* root) {
      return names.contains(root->manifest->digest());
    };
    std::erase_if(images, is_named_by_bundle);
    std::erase_if(bundles, is_named_by_bundle);
    for (const DescribedRoot* root : images)
      facts_.try_emplace(key(root->repository, root->manifest->digest()));
    look_at_everything();
    return side_by_side(bundles, images);
  }

 private:
  using Key = std::pair<oci::Repository, oci::Digest>;
  // What is known of one image, from requests that run beside each other.
  struct Facts {
    bool is_record = false;  // a relocation record: has no signature
    std::vector<oci::Digest> layers = {};
    std::optional<oci::Digest> signature = {};
    std::vector<oci::Digest> signature_layers = {};
    std::string signature_error = {};
    std::map<oci::Digest, std::uint64_t> blobs = {};  // and manifests, with their sizes
    std::vector<std::string> platforms = {};
  };

  static Key key(const oci::Repository& repository, const oci::Digest& digest) {
    return {repository, digest};
  }

  void resolve(const oci::Repository& repository, const oci::Manifest& bundle,
               const std::function<void()>& check = {}) {
    const ResolveOptions how{.check = check,
                             .goes_by_layers = options_.goes_by_layers,
                             .needs_tags = options_.signatures};
    for (ResolvedBundle& found : resolve_bundle(repository, bundle, cache_, {pool_, stop_}, how))
      bundles_.emplace(key(found.repository, found.target.digest), std::move(found));
  }

  std::set<oci::Digest> named_by_bundles() const {
    std::set<oci::Digest> named;
    for (const auto& [where, bundle] : bundles_)
      for (const ResolvedImage& image : bundle.images) named.insert(image.target.digest);
    return named;
  }

  // ---- asking ----------------------------------------------------------------------------------

  void look_at_everything() {
    for (const auto& [where, bundle] : bundles_) {
      facts_.try_emplace(where);
      if (bundle.locations)
        facts_.try_emplace(key(bundle.repository, *bundle.locations), Facts{true});
      for (const ResolvedImage& image : bundle.images)
        facts_.try_emplace(key(image.repository, image.target.digest));
    }
    tell(options_.observer, Counted{"images", 0, facts_.size()});
    TaskGroup group(pool_, stop_);
    for (auto& entry : facts_)
      group.run([this, &where = entry.first, &facts = entry.second](const std::stop_token& stop) {
        if (options_.layers) facts.layers = layers_of(where.first, where.second, stop);
        if (options_.signatures && !facts.is_record) find_signature(where, facts, stop);
        if (options_.measures) measure(where, facts, stop);
        count_one();
      });
    group.wait();
  }

  void measure(const Key& where, Facts& facts, const std::stop_token& stop) {
    const oci::ManifestPtr image = cache_.manifest(where.first, where.second.str(), stop);
    for (const oci::Descriptor& child : image->children())
      if (child.platform && child.platform->is_known())
        facts.platforms.push_back(child.platform->name());
    add_blobs(where.first, *image, facts.blobs, 0, stop);
  }

  // Of what is there: an index may be carried for some platforms only.
  void add_blobs(const oci::Repository& repository, const oci::Manifest& image,
                 std::map<oci::Digest, std::uint64_t>& blobs, int depth,
                 const std::stop_token& stop) {
    blobs.emplace(image.digest(), image.bytes().size());
    for (const oci::Descriptor& blob : image.blobs()) blobs.emplace(blob.digest, blob.size);
    if (depth == oci::kMaxIndexNesting) return;
    for (const oci::Descriptor& child : image.children()) {
      if (blobs.contains(child.digest)) continue;
      try {
        add_blobs(repository, *cache_.manifest(repository, child.digest.str(), stop), blobs,
                  depth + 1, stop);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
      }
    }
  }

  std::optional<std::uint64_t> total_bytes() const {
    if (!options_.measures) return std::nullopt;
    std::map<oci::Digest, std::uint64_t> all;
    for (const auto& [where, facts] : facts_) all.insert(facts.blobs.begin(), facts.blobs.end());
    return sum_of(all);
  }

  static std::uint64_t sum_of(const std::map<oci::Digest, std::uint64_t>& blobs) {
    std::uint64_t sum = 0;
    for (const auto& [digest, size] : blobs) sum += size;
    return sum;
  }

  void count_one() {
    const Lock lock(counting_);
    tell(options_.observer, Counted{"images", ++looked_at_, facts_.size()});
  }

  std::vector<oci::Digest> layers_of(const oci::Repository& repository, oci::Digest digest,
                                     const std::stop_token& stop) {
    oci::ManifestPtr manifest = cache_.manifest(repository, digest.str(), stop);
    for (int depth = 0; manifest->is_index(); ++depth) {
      const std::optional<oci::Digest> child = child_of(*manifest);
      if (!child || depth == oci::kMaxIndexNesting)
        throw Error(ErrorKind::kNotFound,
                    fmt::format("no child with platform linux/amd64 in index {}", digest.str()));
      manifest = cache_.manifest(repository, child->str(), stop);
    }
    std::vector<oci::Digest> layers;
    for (const oci::Descriptor& layer : manifest->layers()) layers.push_back(layer.digest);
    return layers;
  }

  std::optional<oci::Digest> child_of(const oci::Manifest& index) const {
    if (options_.platform) return child_for(index, *options_.platform).digest;
    return usual_child(index);
  }

  void find_signature(const Key& where, Facts& facts, const std::stop_token& stop) {
    const FoundByTag found = while_doing([] { return "Retrieving Images from bundle"; },
                                         [&] {
                                           return find_by_tag(where.first, where.second,
                                                              oci::kSignatureSuffix, cache_, stop);
                                         });
    if (found.denied) facts.signature_error = "access denied";
    if (found.manifest == nullptr) return;
    const oci::Digest& digest = found.manifest->digest();
    facts.signature = digest;
    if (options_.layers) facts.signature_layers = layers_of(where.first, digest, stop);
  }

  // ---- the tree --------------------------------------------------------------------------------

  // Bundles that name each other twice double at every level, with all that they say.
  void spend(const DescribedImage& image) {
    bytes_ += image.image.size() + image.origin.size();
    for (const auto& [key, value] : image.annotations) bytes_ += key.size() + value.size();
    for (const oci::Digest& layer : image.layers) bytes_ += layer.hex().size();
    if (bytes_ > kMaxBytes)
      throw Error(ErrorKind::kParse,
                  fmt::format("the description would be larger than {} bytes", kMaxBytes));
  }

  // Of those with one digest the last.
  static std::vector<const ResolvedImage*> each_digest_once(const ResolvedBundle& bundle) {
    std::map<oci::Digest, const ResolvedImage*> last;
    for (const ResolvedImage& image : bundle.images) last[image.target.digest] = &image;
    std::vector<const ResolvedImage*> images;
    for (const auto& [digest, image] : last) images.push_back(image);
    return images;
  }

  DescribedBundle tree(const oci::Repository& repository, const oci::Digest& digest,
                       const std::string& origin,
                       const std::map<std::string, std::string>& annotations, int depth) {
    if (depth == kMaxBundleNesting) throw Error(ErrorKind::kParse, "bundles are nested too deeply");
    const Key where = key(repository, digest);
    const ResolvedBundle& bundle = bundles_.at(where);
    DescribedBundle described{digest, entry(where, origin, annotations)};
    add_signature(where, described);
    for (const ResolvedImage* image : each_digest_once(bundle)) {
      const Key place = key(image->repository, image->target.digest);
      const std::string name = image->locked.reference.name();
      const auto& notes = image->locked.annotations;
      if (image->is_bundle)
        described.bundles.emplace(place.second.str(),
                                  tree(image->repository, place.second, name, notes, depth + 1));
      else
        described.images.emplace(place.second.str(), entry(place, name, notes));
      add_signature(place, described);
    }
    if (bundle.locations)
      add(repository, *bundle.locations, ContentKind::kInternal, {},
          facts_.at(key(repository, *bundle.locations)).layers, described);
    return described;
  }

  DescribedBundle side_by_side(const std::vector<const DescribedRoot*>& bundles,
                               const std::vector<const DescribedRoot*>& images) {
    DescribedBundle described{{}, {{}, {}}};
    for (const DescribedRoot* root : bundles) {
      const oci::Digest& digest = root->manifest->digest();
      described.bundles.emplace(digest.str(), tree(root->repository, digest, root->origin, {}, 1));
    }
    for (const DescribedRoot* root : images) {
      const Key place = key(root->repository, root->manifest->digest());
      described.images.emplace(place.second.str(), entry(place, root->origin, {}));
      add_signature(place, described);
    }
    described.total_bytes = total_bytes();
    return described;
  }

  DescribedImage entry(const Key& where, const std::string& origin,
                       const std::map<std::string, std::string>& annotations) {
    DescribedImage image{oci::digest_reference(where.first, where.second), origin, annotations,
                         facts_.at(where).layers};
    if (options_.measures) {
      image.bytes = sum_of(facts_.at(where).blobs);
      image.platforms = facts_.at(where).platforms;
    }
    spend(image);
    return image;
  }

  void add_signature(const Key& where, DescribedBundle& described) {
    const Facts& facts = facts_.at(where);
    const std::string tag = oci::attachment_tag(where.second, oci::kSignatureSuffix);
    if (facts.signature)
      add(where.first, *facts.signature, ContentKind::kSignature, {{"tag", tag}},
          facts.signature_layers, described);
    if (facts.signature_error.empty()) return;
    DescribedImage denied{{}, {}};
    denied.kind = ContentKind::kSignature;
    denied.error = facts.signature_error;
    described.images.insert_or_assign(where.first.name() + ":" + tag, std::move(denied));
  }

  // What the bundle's lock does not name.
  void add(const oci::Repository& repository, const oci::Digest& digest, ContentKind kind,
           std::map<std::string, std::string> annotations, std::vector<oci::Digest> layers,
           DescribedBundle& described) {
    const std::string name = oci::digest_reference(repository, digest);
    DescribedImage image{name, name, std::move(annotations), std::move(layers), kind};
    spend(image);
    described.images.insert_or_assign(digest.str(), std::move(image));
  }

  const DescribeOptions& options_;
  copy::ManifestCache& cache_;
  ThreadPool& pool_;
  std::stop_token stop_;
  std::map<Key, ResolvedBundle> bundles_;
  std::map<Key, Facts> facts_;
  Mutex counting_;
  std::size_t looked_at_ TOTE_GUARDED_BY(counting_) = 0;
  std::size_t bytes_ = 0;  // of the description so far
};

}  // namespace

DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& bundle,
                         const DescribeOptions& options, copy::ManifestCache& cache,
                         ThreadPool& pool, std::stop_token stop,
                         const std::function<void()>& check) {
  return Describer(options, cache, pool, std::move(stop)).describe(repository, bundle, check);
}

DescribedBundle describe(const std::vector<DescribedRoot>& roots, const DescribeOptions& options,
                         copy::ManifestCache& cache, ThreadPool& pool, std::stop_token stop) {
  return Describer(options, cache, pool, std::move(stop)).describe(roots);
}

}  // namespace tote::bundle
