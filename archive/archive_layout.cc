#include "archive/archive_layout.h"

#include "archive/docker_manifest.h"
#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "archive/tote_sums.h"
#include "base/codec/tar_header.h"

namespace tote::archive {
namespace {

constexpr std::uint64_t kMode = 0644;
constexpr std::size_t kPieceSize =
    64U << 10U;  // of what lies side by side; more makes writing no faster

class Writer {
 public:
  void add_file(const std::string& name, const std::string& content) {
    put(encode_tar_header({.name = name, .mode = kMode, .size = content.size()}));
    put(content);
    put_padding(content.size());
  }

  void add_layer(const std::string& name, const oci::Descriptor& layer) {
    put(encode_tar_header({.name = name, .mode = kMode, .size = layer.size}));
    layout_.layers[layer.digest] = {layout_.size, layer.size};
    layout_.size += layer.size;
    put_padding(layer.size);
  }

  void add_link(const std::string& name, const std::string& target) {
    put(encode_tar_header(
        {.name = name, .type = TarType::kHardLink, .mode = kMode, .link_target = target}));
  }

  // What it has as it is checked by tote.sums.
  void add_summed_file(const std::string& name, const std::string& content) {
    add_file(name, content);
    sums_.add(name, content);
  }

  ArchiveLayout finish() {
    add_file(kToteSums, sums_.encode());
    put(tar_end());
    return std::move(layout_);
  }

 private:
  // Into the last piece, if it lies there.
  void put(std::string_view bytes) {
    std::vector<FixedPiece>& pieces = layout_.pieces;
    if (pieces.empty() || pieces.back().end() != layout_.size ||
        pieces.back().bytes.size() + bytes.size() > kPieceSize)
      pieces.push_back({layout_.size, {}});
    pieces.back().bytes.append(bytes);
    layout_.size += bytes.size();
  }
  void put_padding(std::uint64_t size) { put(std::string(tar_padding(size), '\0')); }

  ArchiveLayout layout_;
  ToteSums sums_;
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

// In memory, as a reader would find it on the disk.
ReadBlob blobs_in(const oci::Contents& contents) {
  return [&contents](const oci::Digest& digest) -> std::optional<std::string> {
    if (const oci::ManifestPtr manifest = contents.find_manifest(digest)) return manifest->bytes();
    if (const oci::CarriedConfig* config = contents.find_config(digest)) return config->bytes;
    return std::nullopt;
  };
}

void add_layout_files(const oci::Contents& contents, const std::string& images_lock,
                      Writer& writer) {
  for (const auto& [path, bytes] : small_blobs(contents)) writer.add_file(path, *bytes);
  writer.add_summed_file(kIndexJson, encode_layout_index(contents, images_lock));
  writer.add_summed_file(kOciLayout, std::string(kOciLayoutText));
}

}  // namespace

void check_readable(const oci::Contents& contents) {
  decode_layout_index(encode_layout_index(contents), blobs_in(contents), {kNowhere, "images"});
}

ArchiveLayout lay_out(const oci::Contents& contents, ArchiveFormat format,
                      const std::string& images_lock, const Delta& delta) {
  check_readable(contents);
  Writer writer;
  if (!delta.empty()) writer.add_file(kToteDelta, encode_delta(delta));
  if (format == ArchiveFormat::kDocker && delta.empty())
    writer.add_summed_file(kManifestJson, encode_docker_manifest(contents));
  if (format != ArchiveFormat::kImgpkg || !delta.empty()) {
    add_layout_files(contents, images_lock, writer);
    for (const oci::CarriedLayer& layer : contents.layers)
      writer.add_layer(blob_path(layer.blob.digest), layer.blob);
    return writer.finish();
  }
  const std::string manifest_json = encode_imgpkg_manifest(contents);
  decode_imgpkg_manifest(Json::parse(manifest_json, kManifestJson), blobs_in(contents));
  writer.add_summed_file(kManifestJson, manifest_json);
  for (const oci::CarriedLayer& layer : contents.layers) {
    const std::string name = layer_entry_name(layer.blob.digest);
    writer.add_layer(name, layer.blob);
    writer.add_link(blob_path(layer.blob.digest), name);
  }
  add_layout_files(contents, images_lock, writer);
  return writer.finish();
}

}  // namespace tote::archive
