#include "archive/archive_layout.h"

#include "archive/docker_manifest.h"
#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "archive/tote_sums.h"
#include "base/codec/tar_header.h"
#include "base/error.h"

#include <memory>
#include <utility>

namespace tote::archive {
namespace {

constexpr std::uint64_t kMode = 0644;
constexpr std::size_t kPieceSize = 64U << 10U;

// Gives what lies side by side away together.
class Writer {
 public:
  explicit Writer(const ArchiveLayout::Piece& put) : put_(put) {}

  void add_file(const std::string& name, std::string_view content) {
    put(encode_tar_header({.name = name, .mode = kMode, .size = content.size()}));
    put(content);
    put_padding(content.size());
  }

  void add_layer(const std::string& name, const oci::Descriptor& layer) {
    put(encode_tar_header({.name = name, .mode = kMode, .size = layer.size}));
    flush();
    layers_[layer.digest] = {end_, layer.size};
    end_ += layer.size;
    put_padding(layer.size);
  }

  void add_link(const std::string& name, const std::string& target) {
    put(encode_tar_header(
        {.name = name, .type = TarType::kHardLink, .mode = kMode, .link_target = target}));
  }

  void finish() {
    put(tar_end());
    flush();
  }

  std::uint64_t size() const noexcept { return end_; }
  std::map<oci::Digest, LayerPlace> take_layers() noexcept { return std::move(layers_); }

 private:
  void put(std::string_view bytes) {
    if (piece_.size() + bytes.size() > kPieceSize) flush();
    if (bytes.size() > kPieceSize) return give(bytes);
    piece_.append(bytes);
  }
  void put_padding(std::uint64_t size) { put(std::string(tar_padding(size), '\0')); }

  void flush() {
    give(piece_);
    piece_.clear();
  }
  void give(std::string_view bytes) {
    if (bytes.empty()) return;
    put_(end_, bytes);
    end_ += bytes.size();
  }

  const ArchiveLayout::Piece& put_;
  std::string piece_;      // lies at end_
  std::uint64_t end_ = 0;  // of what was given away
  std::map<oci::Digest, LayerPlace> layers_;
};

// Manifests and configs by their paths. An artifact's config may be one of its layers too (the
// empty JSON object); then it is one of those.
std::map<std::string, const std::string*> small_blobs(const oci::Contents& contents) {
  std::map<std::string, const std::string*> blobs;
  for (const oci::ManifestPtr& manifest : contents.manifests)
    blobs[blob_path(manifest->digest())] = &manifest->bytes();
  for (const oci::CarriedConfig& config : contents.configs)
    blobs[blob_path(config.blob.digest)] = &config.bytes;
  for (const oci::CarriedLayer& layer : contents.layers) blobs.erase(blob_path(layer.blob.digest));
  return blobs;
}

// An archive's entries, but for the layers' content.
class Entries {
 public:
  Entries(const oci::Contents& contents, ArchiveFormat format, const std::string& images_lock,
          const Delta& delta)
      : contents_(contents), small_blobs_(small_blobs(contents)) {
    if (!delta.empty())
      delta_ = encode_delta(delta);
    else if (format == ArchiveFormat::kDocker)
      manifest_json_ = encode_docker_manifest(contents);
    else if (format == ArchiveFormat::kImgpkg)
      manifest_json_ = encode_imgpkg_manifest(contents);
    has_links_ = format == ArchiveFormat::kImgpkg && delta.empty();
    index_ = encode_layout_index(contents, images_lock);
    ToteSums sums;  // of what has nothing else that it is checked by
    if (!manifest_json_.empty()) sums.add(kManifestJson, manifest_json_);
    sums.add(kIndexJson, index_);
    sums.add(kOciLayout, std::string(kOciLayoutText));
    sums_ = sums.encode();
  }

  void write(Writer& writer) const {
    if (!delta_.empty()) writer.add_file(kToteDelta, delta_);
    if (!manifest_json_.empty()) writer.add_file(kManifestJson, manifest_json_);
    if (has_links_) write_linked_layers(writer);
    for (const auto& [path, bytes] : small_blobs_) writer.add_file(path, *bytes);
    writer.add_file(kIndexJson, index_);
    writer.add_file(kOciLayout, kOciLayoutText);
    if (!has_links_)
      for (const oci::CarriedLayer& layer : contents_.layers)
        writer.add_layer(blob_path(layer.blob.digest), layer.blob);
    writer.add_file(kToteSums, sums_);
    writer.finish();
  }

 private:
  // Under imgpkg's names; the layout has them as links.
  void write_linked_layers(Writer& writer) const {
    for (const oci::CarriedLayer& layer : contents_.layers) {
      const std::string name = layer_entry_name(layer.blob.digest);
      writer.add_layer(name, layer.blob);
      writer.add_link(blob_path(layer.blob.digest), name);
    }
  }

  const oci::Contents& contents_;
  const std::map<std::string, const std::string*> small_blobs_;
  std::string delta_;
  std::string manifest_json_;
  std::string index_;
  std::string sums_;
  bool has_links_ = false;
};

}  // namespace

// Image by image: of all together there would be a second copy of the contents.
void check_readable(const oci::Contents& contents) {
  const oci::Repository nowhere{kNowhere, "images"};
  const ReadBlob read_blob = blobs_in(contents);
  oci::Contents alone;
  for (const oci::CarriedImage& image : contents.images) {
    alone.images = {image};
    decode_layout_index(encode_layout_index(alone), read_blob, nowhere, &contents.manifests);
  }
  while_doing([] { return kIndexJson; }, [&] { check_metadata_size(metadata_size(contents)); });
}

ArchiveLayout lay_out(const oci::Contents& contents, ArchiveFormat format,
                      const std::string& images_lock, const Delta& delta) {
  check_readable(contents);
  const auto entries = std::make_shared<const Entries>(contents, format, images_lock, delta);
  const ArchiveLayout::Piece nowhere = [](std::uint64_t, std::string_view) {};
  Writer measured(nowhere);
  entries->write(measured);
  const auto for_each_piece = [entries](const ArchiveLayout::Piece& put) {
    Writer writer(put);
    entries->write(writer);
  };
  return {for_each_piece, measured.take_layers(), measured.size()};
}

}  // namespace tote::archive
