#include "testregistry/snapshot.h"

#include "archive/archive_layout.h"
#include "archive/archive_writer.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "copy/execute.h"
#include "copy/survey.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"
#include "testregistry/storage/reachability.h"
#include "testregistry/storage/stored_images.h"

#include <fmt/format.h>

#include <utility>

namespace tote::testregistry {
namespace {

// As JSON text they may be nearly twice as long.
constexpr std::uint64_t kMaxMetadata = archive::kMaxMetadata / 2;

Error missing(const char* what, const oci::Digest& digest) {
  return {ErrorKind::kNotFound, fmt::format("{} '{}' is not there", what, digest.str())};
}

// The manifests and configs of a registry's storage.
class StoredGraph final : public oci::GraphReader {
 public:
  explicit StoredGraph(StoredImages& images) : images_(images) {}

  oci::ManifestPtr manifest(const oci::Repository& repository, const oci::Descriptor& target,
                            const oci::Manifest*, const std::stop_token& stop) override {
    return images_.repository(repository).fetch_manifest(target.digest.str(), stop);
  }

  std::optional<std::string> config(const oci::Repository& repository, const oci::Manifest& image,
                                    const std::stop_token& stop) override {
    const oci::Descriptor& config = image.config();
    StoredRepository& place = images_.repository(repository);
    if (!place.has_blob(config, stop)) throw missing("config", config.digest);
    if (!oci::is_readable_config(config)) return std::nullopt;
    return read_all(*place.open_blob(config, 0, stop), oci::kMaxManifestSize, "config");
  }

 private:
  StoredImages& images_;
};

// Everything that can be written.
class Collector {
 public:
  Collector(StoredImages& stored, std::string registry)
      : stored_(stored), registry_(std::move(registry)) {}

  void add_image(const std::string& repository, const oci::Digest& digest, const std::string& tag) {
    const oci::Repository place{registry_, repository};
    const oci::CarriedImage image{place, {{}, digest}, tag, {}, {}};
    try {
      oci::Contents alone = follow({image});
      check_layers(alone);
      archive::lay_out(alone, archive::ArchiveFormat::kImgpkg);  // whatever it refuses
      make_room(alone);
      keep(alone);
      images_.push_back(image);
      for (const oci::ManifestPtr& brought : alone.manifests)
        looked_at_.emplace(repository, brought->digest());
    } catch (const Error& why) {
      left_out_.push_back(fmt::format("{}{}: {}", oci::digest_reference(place, digest),
                                      tag.empty() ? "" : fmt::format(" ({})", tag), why.message()));
    }
    looked_at_.emplace(repository, digest);
  }

  // As an image, or as what one brought; or it was left out.
  bool has(const std::string& repository, const oci::Digest& digest) const {
    return looked_at_.contains({repository, digest});
  }

  // Each layer from where it was found to be: another image that names it may lie where it is not.
  oci::Contents finish() {
    for (auto& [digest, config] : configs_) known_.configs.push_back(std::move(config));
    for (const auto& [digest, layer] : layers_) known_.layers.push_back(layer);
    oci::Contents contents = oci::part_of(known_, std::move(images_));
    for (oci::CarriedLayer& layer : contents.layers) layer = layers_.at(layer.blob.digest);
    return contents;
  }
  std::vector<std::string> take_left_out() { return std::move(left_out_); }

 private:
  oci::Contents follow(std::vector<oci::CarriedImage> images) const {
    StoredGraph graph(stored_);
    return oci::follow_images(std::move(images), graph, {}, {});
  }

  bool is_there(const oci::CarriedLayer& layer) const {
    return stored_.repository(layer.repository).has_blob(layer.blob, {});
  }

  // Leaves out those that nobody has to have.
  void check_layers(oci::Contents& image) const {
    std::erase_if(image.layers, [this](const oci::CarriedLayer& layer) {
      if (is_there(layer)) return false;
      if (!oci::is_non_distributable(layer.blob.media_type))
        throw missing("blob", layer.blob.digest);
      return true;
    });
  }

  void keep(const oci::Contents& image) {
    for (const oci::ManifestPtr& manifest : image.manifests) known_.manifests.add(manifest);
    for (const oci::CarriedConfig& config : image.configs)
      configs_.try_emplace(config.blob.digest, config);
    for (const oci::CarriedLayer& layer : image.layers)
      layers_.try_emplace(layer.blob.digest, layer);
  }

  // What an archive says of its images is bounded, all together.
  void make_room(const oci::Contents& image) {
    std::uint64_t size = 0;
    for (const oci::ManifestPtr& manifest : image.manifests) size += manifest->bytes().size();
    for (const oci::CarriedConfig& config : image.configs) size += config.bytes.size();
    if (size > kMaxMetadata - metadata_)
      throw Error(ErrorKind::kUsage,
                  fmt::format("its manifests and configs do not fit: an archive holds {} bytes of "
                              "them",
                              kMaxMetadata));
    metadata_ += size;
  }

  StoredImages& stored_;
  const std::string registry_;
  std::vector<oci::CarriedImage> images_;
  oci::Contents known_;  // what they are made of; configs and layers are sorted below
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
  std::set<std::pair<std::string, oci::Digest>> looked_at_;  // by repository
  std::vector<std::string> left_out_;
  std::uint64_t metadata_ = 0;  // bytes of manifests and configs so far
};

// By the names that people gave, then what has none.
void collect_new(const StorageReader& storage, const Inventory& before, const Inventory& now,
                 Collector& collector) {
  for (const auto& [where, digest] : now.tags) {
    const auto known = before.tags.find(where);
    const bool is_new = known == before.tags.end() || known->second != digest;
    if (is_new && !only_names(where.second, digest))
      collector.add_image(where.first, digest, where.second);
  }
  // Indexes may come before their children here: what an index brought is no image of its own.
  for (const bool indexes : {true, false})
    for (const auto& [repository, digest] : now.manifests) {
      if (before.manifests.contains({repository, digest}) || collector.has(repository, digest))
        continue;
      const auto stored = storage.records.find_manifest(repository, digest);
      if (stored && oci::is_index(stored->media_type) == indexes)
        collector.add_image(repository, digest, "");
    }
}

}  // namespace

Inventory take_inventory(const StorageReader& storage) {
  Inventory inventory;
  for (const std::string& repository : storage.records.repositories("", SIZE_MAX)) {
    for (const oci::Digest& digest : storage.records.manifests(repository))
      inventory.manifests.emplace(repository, digest);
    for (const std::string& tag : storage.records.tags(repository))
      if (const auto digest = storage.records.find_tag(repository, tag))
        inventory.tags.insert_or_assign({repository, tag}, *digest);
  }
  return inventory;
}

Snapshot write_snapshot(const StorageReader& storage, const Inventory& before,
                        const std::string& registry, const std::filesystem::path& path,
                        ThreadPool& pool, std::stop_token stop) {
  StoredImages stored(storage);
  Collector collector(stored, registry);
  collect_new(storage, before, take_inventory(storage), collector);
  const oci::Contents contents = collector.finish();
  Snapshot snapshot{contents.images.size(), collector.take_left_out()};
  if (contents.images.empty()) return snapshot;
  archive::ArchiveWriter archive(path, contents);
  const auto from = [&](const oci::Repository& name) -> oci::ImageReader& {
    return stored.repository(name);
  };
  copy::execute(copy::survey(contents, archive, pool, stop), from, archive, pool, {}, stop);
  archive.finish();
  return snapshot;
}

}  // namespace tote::testregistry
