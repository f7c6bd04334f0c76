#include "cmd/snapshot.h"

#include "archive/archive_writer.h"
#include "base/error.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

// Collects what an archive holds, depth first: children before the indexes that name them.
class Collector {
 public:
  Collector(tr::StorageReader& storage, std::string registry)
      : storage_(storage), registry_(std::move(registry)) {}

  void add_image(const std::string& repository, const oci::Digest& digest, const std::string& tag) {
    if (has(repository, digest) && tag.empty()) return;
    if (!add_manifest(repository, digest)) return;
    contents_.images.push_back(
        {place(repository), contents_.find_manifest(digest)->descriptor, tag, "", {}});
  }

  bool has(const std::string& repository, const oci::Digest& digest) const {
    return seen_.contains({repository, digest});
  }

  oci::Contents finish() {
    const auto by_digest = [](const auto& a, const auto& b) {
      return a.blob.digest < b.blob.digest;
    };
    const auto same = [](const auto& a, const auto& b) { return a.blob.digest == b.blob.digest; };
    std::sort(contents_.images.begin(), contents_.images.end(), [](const auto& a, const auto& b) {
      return std::pair(a.reference(), a.tag) < std::pair(b.reference(), b.tag);
    });
    std::sort(contents_.configs.begin(), contents_.configs.end(), by_digest);
    contents_.configs.erase(std::unique(contents_.configs.begin(), contents_.configs.end(), same),
                            contents_.configs.end());
    std::sort(contents_.layers.begin(), contents_.layers.end(), by_digest);
    contents_.layers.erase(std::unique(contents_.layers.begin(), contents_.layers.end(), same),
                           contents_.layers.end());
    return std::move(contents_);
  }

 private:
  oci::Repository place(const std::string& repository) const { return {registry_, repository}; }

  static std::string read(const tr::Content& content) {
    return read_all(*tr::open_content(content), oci::kMaxManifestSize, "content");
  }

  // False: it has gone.
  bool add_manifest(const std::string& repository, const oci::Digest& digest) {
    if (has(repository, digest)) return true;
    const auto stored = storage_.find_manifest(repository, digest);
    if (!stored) return false;
    oci::RawManifest manifest =
        oci::make_raw_manifest(read(stored->content), stored->media_type, digest.algorithm());
    if (oci::is_index(manifest.descriptor.media_type)) {
      for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
        add_manifest(repository, child.digest);
    } else {
      const oci::ImageManifest image = oci::parse_image_manifest(manifest);
      if (const auto config = storage_.find_blob(repository, image.config.digest))
        contents_.configs.push_back({image.config, read(*config), place(repository)});
      for (const oci::Descriptor& layer : image.layers)
        if (storage_.find_blob(repository, layer.digest))
          contents_.layers.push_back({layer, place(repository)});
    }
    contents_.manifests.add(std::move(manifest));
    seen_.emplace(repository, digest);
    return true;
  }

  tr::StorageReader& storage_;
  std::string registry_;
  oci::Contents contents_;
  std::set<std::pair<std::string, oci::Digest>> seen_;  // manifests, by repository
};

void write_layers(tr::StorageReader& storage, const oci::Contents& contents,
                  archive::ArchiveWriter& archive, const std::stop_token& stop) {
  for (const oci::CarriedLayer& layer : contents.layers) {
    if (stop.stop_requested()) throw Cancelled();
    const auto content = storage.find_blob(layer.repository.path, layer.blob.digest);
    if (!content)
      throw Error(ErrorKind::kNotFound, fmt::format("blob '{}' has gone", layer.blob.digest.str()));
    oci::VerifyingSource source(tr::open_content(*content), layer.blob);
    const auto upload = archive.begin_upload(layer.blob, "", stop);
    upload->append(source, layer.blob.size);
    upload->commit();
  }
}

}  // namespace

Inventory take_inventory(tr::StorageReader& storage) {
  Inventory inventory;
  for (const std::string& repository : storage.repositories("", SIZE_MAX)) {
    for (const oci::Digest& digest : storage.manifests(repository))
      inventory.manifests.emplace(repository, digest);
    for (const std::string& tag : storage.tags(repository))
      if (const auto digest = storage.find_tag(repository, tag))
        inventory.tags.insert_or_assign({repository, tag}, *digest);
  }
  return inventory;
}

std::size_t write_snapshot(tr::StorageReader& storage, const Inventory& before,
                           const std::string& registry, const std::filesystem::path& path,
                           std::stop_token stop) {
  const Inventory now = take_inventory(storage);
  Collector collector(storage, registry);
  for (const auto& [where, digest] : now.tags) {
    const auto known = before.tags.find(where);
    if (known == before.tags.end() || known->second != digest)
      collector.add_image(where.first, digest, where.second);
  }
  // Indexes may come before their children here: what an index brought is no image of its own.
  for (const bool indexes : {true, false})
    for (const auto& [repository, digest] : now.manifests) {
      if (before.manifests.contains({repository, digest}) || collector.has(repository, digest))
        continue;
      const auto stored = storage.find_manifest(repository, digest);
      if (stored && oci::is_index(stored->media_type) == indexes)
        collector.add_image(repository, digest, "");
    }
  const oci::Contents contents = collector.finish();
  if (contents.images.empty()) return 0;
  archive::ArchiveWriter archive(path, contents);
  write_layers(storage, contents, archive, stop);
  archive.finish();
  return contents.images.size();
}

}  // namespace tote::cmd
