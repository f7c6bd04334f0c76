#include "oci/image_graph.h"

#include "base/error.h"
#include "base/mutex.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tote::oci {
namespace {

[[noreturn]] void refuse_depth() {
  throw Error(ErrorKind::kParse, "indexes are nested too deeply");
}

template <class Body>
auto within(const GraphOptions& options, const CarriedImage& root, Body body) {
  if (!options.frame) return body();
  return while_doing([&] { return options.frame(root); }, body);
}

// What a graph consists of.
struct Nodes {
  std::unordered_map<Digest, ManifestPtr> manifests;
  std::unordered_map<Digest, std::string> configs;  // those that are looked into
};

// Something to be read.
struct Step {
  const CarriedImage* root;
  Descriptor target;
  ManifestPtr index = {};  // that names it
};

// Reads a graph level by level, so that how deep a node lies does not depend on timing.
class GraphFetch {
 public:
  GraphFetch(GraphReader& reader, const GraphOptions& options)
      : reader_(reader), options_(options) {}

  Nodes fetch(const std::vector<CarriedImage>& roots, const std::stop_token& stop) {
    std::vector<Step> level;
    for (const CarriedImage& root : roots) add({&root, root.target}, level);
    for (int depth = 0; !level.empty(); ++depth) {
      if (depth == kMaxIndexNesting) within(options_, *level.front().root, [] { refuse_depth(); });
      level = fetch_level(level, stop);
    }
    const Lock lock(mutex_);
    nodes_.configs = std::move(configs_);
    return std::move(nodes_);
  }

 private:
  void add(Step step, std::vector<Step>& level) {
    if (seen_.insert(step.target.digest).second) level.push_back(std::move(step));
  }

  // Returns the next level.
  std::vector<Step> fetch_level(const std::vector<Step>& level, const std::stop_token& stop) {
    std::vector<ManifestPtr> manifests(level.size());
    read_all(level, manifests, stop);
    std::vector<Step> next;
    for (std::size_t i = 0; i < level.size(); ++i) {
      add_children(level[i], manifests[i], next);
      nodes_.manifests.emplace(level[i].target.digest, std::move(manifests[i]));
    }
    return next;
  }

  void add_children(const Step& step, const ManifestPtr& index, std::vector<Step>& next) {
    const std::vector<Descriptor>& children = index->children();
    std::vector<bool> follows(children.size(), true);
    if (options_.follows && index->is_index())
      follows = within(options_, *step.root, [&] { return options_.follows(*step.root, *index); });
    for (std::size_t i = 0; i < children.size(); ++i)
      if (follows[i]) add({step.root, children[i], index}, next);
  }

  void read_all(const std::vector<Step>& level, std::vector<ManifestPtr>& manifests,
                const std::stop_token& stop) {
    if (options_.pool == nullptr) {
      for (std::size_t i = 0; i < level.size(); ++i) manifests[i] = read(level[i], stop);
      return;
    }
    TaskGroup group(*options_.pool, stop);
    for (std::size_t i = 0; i < level.size(); ++i)
      group.run([&, i](const std::stop_token& token) { manifests[i] = read(level[i], token); });
    group.wait();
  }

  ManifestPtr read(const Step& step, const std::stop_token& stop) {
    if (stop.stop_requested()) throw Cancelled();
    return within(options_, *step.root, [&] {
      const Repository& repository = step.root->repository;
      ManifestPtr manifest = reader_.manifest(repository, step.target, step.index.get(), stop);
      if (!manifest->is_index()) read_config(repository, *manifest, stop);
      return manifest;
    });
  }

  void read_config(const Repository& repository, const Manifest& image,
                   const std::stop_token& stop) {
    const Digest& digest = image.config().digest;
    {
      const Lock lock(mutex_);
      if (!seen_configs_.insert(digest).second) return;
    }
    std::optional<std::string> bytes = reader_.config(repository, image, stop);
    const Lock lock(mutex_);
    if (bytes) configs_.emplace(digest, *std::move(bytes));
  }

  GraphReader& reader_;
  const GraphOptions& options_;
  std::unordered_set<Digest> seen_;
  Nodes nodes_;  // its configs come at the end
  Mutex mutex_;
  std::unordered_set<Digest> seen_configs_ TOTE_GUARDED_BY(mutex_);
  std::unordered_map<Digest, std::string> configs_ TOTE_GUARDED_BY(mutex_);
};

// Brings what has been read into its order: depth first, children before the indexes that name
// them.
class GraphOrder {
 public:
  GraphOrder(Nodes nodes, const GraphOptions& options)
      : nodes_(std::move(nodes)), options_(options) {}

  void add(const Repository& repository, const Digest& digest, int depth = 0) {
    if (depth == kMaxIndexNesting) refuse_depth();
    if (!seen_.insert(digest).second) return;
    const ManifestPtr& manifest = nodes_.manifests.at(digest);
    for (const Descriptor& child : manifest->children())
      if (nodes_.manifests.contains(child.digest)) add(repository, child.digest, depth + 1);
    for (const Descriptor& blob : manifest->blobs())
      if (!manifest->has_config() || &blob != &manifest->config() || !add_config(repository, blob))
        add_layer(repository, blob);
    if (options_.visit) options_.visit(repository, *manifest);
    contents_.manifests.add(manifest);
  }

  Contents finish(std::vector<CarriedImage> roots) {
    for (CarriedImage& root : roots)
      root.target = contents_.manifests.find(root.target.digest)->descriptor();
    contents_.images = std::move(roots);
    contents_.configs.reserve(configs_.size());
    for (auto& [digest, config] : configs_) contents_.configs.push_back(std::move(config));
    contents_.layers.reserve(layers_.size());
    for (auto& [digest, layer] : layers_) contents_.layers.push_back(std::move(layer));
    return std::move(contents_);
  }

 private:
  // False if it travels like a layer.
  bool add_config(const Repository& repository, const Descriptor& config) {
    const auto bytes = nodes_.configs.find(config.digest);
    if (bytes == nodes_.configs.end()) return false;
    if (!configs_.contains(config.digest))
      configs_.emplace(config.digest, CarriedConfig{config, std::move(bytes->second), repository});
    return true;
  }

  void add_layer(const Repository& repository, const Descriptor& blob) {
    if (!options_.carries || options_.carries(blob))
      layers_.try_emplace(blob.digest, CarriedLayer{blob, repository});
  }

  Nodes nodes_;
  const GraphOptions& options_;
  std::unordered_set<Digest> seen_;
  Contents contents_;
  std::map<Digest, CarriedConfig> configs_;
  std::map<Digest, CarriedLayer> layers_;
};

// A graph that is in memory already.
class KnownGraph final : public GraphReader {
 public:
  explicit KnownGraph(const Contents& known) : known_(known) {}

  ManifestPtr manifest(const Repository&, const Descriptor& target, const Manifest*,
                       const std::stop_token&) override {
    if (ManifestPtr found = known_.find_manifest(target.digest)) return found;
    throw Error(ErrorKind::kNotFound,
                fmt::format("manifest '{}' is not there", target.digest.str()));
  }

  std::optional<std::string> config(const Repository&, const Manifest& image,
                                    const std::stop_token&) override {
    const CarriedConfig* config = known_.find_config(image.config().digest);
    return config == nullptr ? std::nullopt : std::optional(config->bytes);
  }

 private:
  const Contents& known_;
};

}  // namespace

Contents follow_images(std::vector<CarriedImage> roots, GraphReader& reader,
                       const GraphOptions& options, std::stop_token stop) {
  sort_images(roots);
  GraphOrder order(GraphFetch(reader, options).fetch(roots, stop), options);
  for (const CarriedImage& root : roots)
    within(options, root, [&] { order.add(root.repository, root.target.digest); });
  return order.finish(std::move(roots));
}

Contents part_of(const Contents& whole, std::vector<CarriedImage> images) {
  KnownGraph graph(whole);
  const auto carries = [&](const Descriptor& blob) { return whole.carries_layer(blob.digest); };
  const auto follows = [&](const CarriedImage&, const Manifest& index) {
    std::vector<bool> here;
    for (const Descriptor& child : index.children())
      here.push_back(whole.find_manifest(child.digest) != nullptr);
    return here;
  };
  return follow_images(std::move(images), graph, {.carries = carries, .follows = follows}, {});
}

}  // namespace tote::oci
