#include "cmd/snapshot.h"

#include "archive/archive_layout.h"
#include "archive/archive_writer.h"
#include "archive/contents_builder.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "oci/media_types.h"
#include "oci/verify.h"
#include "testregistry/storage/reachability.h"

#include <fmt/format.h>

#include <utility>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

// As JSON text they may be nearly twice as long.
constexpr std::uint64_t kMaxMetadata = archive::kMaxMetadata / 2;

std::string read(const tr::Content& content) {
  return read_all(*tr::open_content(content), oci::kMaxManifestSize, "content");
}

// One image or index with all that it names, children first. Throws Error for one of which
// something is missing.
class ImageContents {
 public:
  ImageContents(const tr::StorageReader& storage, oci::Repository place)
      : storage_(storage), place_(std::move(place)) {}

  void add(const oci::Digest& digest, int depth = 0) {
    if (!seen_.insert(digest).second) return;
    if (depth == archive::kMaxNesting)
      throw Error(ErrorKind::kParse, "its indexes are nested too deeply");
    const auto stored = storage_.records.find_manifest(place_.path, digest);
    if (!stored) throw missing("manifest", digest);
    oci::RawManifest manifest =
        oci::make_raw_manifest(read(stored->content), stored->media_type, digest.algorithm());
    if (oci::is_index(manifest.descriptor.media_type))
      for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
        add(child.digest, depth + 1);
    add_blobs(manifest);
    manifests_.push_back(std::move(manifest));
  }

  void add_to(archive::ContentsBuilder& builder) const {
    for (const oci::RawManifest& manifest : manifests_) builder.add_manifest(manifest);
    for (const oci::CarriedConfig& config : configs_) builder.add_config(config);
    for (const oci::Descriptor& blob : blobs_) builder.add_blob(blob, place_);
  }

  const oci::Descriptor& target() const { return manifests_.back().descriptor; }
  // Of all manifests.
  const std::set<oci::Digest>& digests() const { return seen_; }

 private:
  static Error missing(const char* what, const oci::Digest& digest) {
    return {ErrorKind::kNotFound, fmt::format("{} '{}' is not there", what, digest.str())};
  }

  void add_blobs(const oci::RawManifest& manifest) {
    std::optional<oci::Digest> config;
    if (!oci::is_index(manifest.descriptor.media_type))
      config = oci::parse_image_manifest(manifest).config.digest;
    for (const oci::Descriptor& blob : oci::blobs_of(manifest)) {
      const auto content = storage_.blobs.find_blob(place_.path, blob.digest);
      if (!content && oci::is_non_distributable(blob.media_type)) continue;
      if (!content) throw missing(blob.digest == config ? "config" : "blob", blob.digest);
      if (blob.digest == config && blob.size <= oci::kMaxManifestSize)
        configs_.push_back({blob, read(*content), place_});
      else
        blobs_.push_back(blob);
    }
  }

  const tr::StorageReader& storage_;
  oci::Repository place_;
  std::set<oci::Digest> seen_;
  std::vector<oci::RawManifest> manifests_;
  std::vector<oci::CarriedConfig> configs_;
  std::vector<oci::Descriptor> blobs_;
};

// Everything that can be written.
class Collector {
 public:
  Collector(const tr::StorageReader& storage, std::string registry)
      : storage_(storage), registry_(std::move(registry)) {}

  void add_image(const std::string& repository, const oci::Digest& digest, const std::string& tag) {
    const oci::Repository place{registry_, repository};
    try {
      ImageContents image(storage_, place);
      image.add(digest);
      archive::ContentsBuilder alone;
      add(image, place, tag, alone);
      const oci::Contents contents = alone.finish();
      archive::lay_out(contents, archive::ArchiveFormat::kImgpkg);  // whatever it refuses
      make_room(contents);
      add(image, place, tag, contents_);
      for (const oci::Digest& brought : image.digests()) looked_at_.emplace(repository, brought);
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

  oci::Contents finish() { return contents_.finish(); }
  std::vector<std::string> take_left_out() { return std::move(left_out_); }

 private:
  // What an archive says of its images is bounded, all together.
  void make_room(const oci::Contents& image) {
    std::uint64_t size = 0;
    for (const oci::RawManifest& manifest : image.manifests) size += manifest.bytes.size();
    for (const oci::CarriedConfig& config : image.configs) size += config.bytes.size();
    if (size > kMaxMetadata - metadata_)
      throw Error(ErrorKind::kUsage,
                  fmt::format("its manifests and configs do not fit: an archive holds {} bytes of "
                              "them",
                              kMaxMetadata));
    metadata_ += size;
  }

  static void add(const ImageContents& image, const oci::Repository& place, const std::string& tag,
                  archive::ContentsBuilder& builder) {
    image.add_to(builder);
    builder.add_image({place, image.target(), tag, "", {}});
  }

  const tr::StorageReader& storage_;
  std::string registry_;
  archive::ContentsBuilder contents_;
  std::set<std::pair<std::string, oci::Digest>> looked_at_;  // by repository
  std::vector<std::string> left_out_;
  std::uint64_t metadata_ = 0;  // bytes of manifests and configs so far
};

void write_layers(const tr::StorageReader& storage, const oci::Contents& contents,
                  archive::ArchiveWriter& archive, const std::stop_token& stop) {
  for (const oci::CarriedLayer& layer : contents.layers) {
    if (stop.stop_requested()) throw Cancelled();
    const auto content = storage.blobs.find_blob(layer.repository.path, layer.blob.digest);
    if (!content)
      throw Error(ErrorKind::kNotFound, fmt::format("blob '{}' has gone", layer.blob.digest.str()));
    oci::VerifyingSource source(tr::open_content(*content), layer.blob);
    const auto upload = archive.begin_upload(layer.blob, "", stop);
    upload->append(source, layer.blob.size);
    upload->commit();
  }
}

// By the names that people gave, then what has none.
void collect_new(const tr::StorageReader& storage, const Inventory& before, const Inventory& now,
                 Collector& collector) {
  for (const auto& [where, digest] : now.tags) {
    const auto known = before.tags.find(where);
    const bool is_new = known == before.tags.end() || known->second != digest;
    if (is_new && !tr::only_names(where.second, digest))
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

Inventory take_inventory(const tr::StorageReader& storage) {
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

Snapshot write_snapshot(const tr::StorageReader& storage, const Inventory& before,
                        const std::string& registry, const std::filesystem::path& path,
                        std::stop_token stop) {
  Collector collector(storage, registry);
  collect_new(storage, before, take_inventory(storage), collector);
  const oci::Contents contents = collector.finish();
  Snapshot snapshot{contents.images.size(), collector.take_left_out()};
  if (contents.images.empty()) return snapshot;
  archive::ArchiveWriter archive(path, contents);
  write_layers(storage, contents, archive, stop);
  archive.finish();
  return snapshot;
}

}  // namespace tote::cmd
