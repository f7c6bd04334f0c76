#include "archive/archive_layout.h"

#include "archive/imgpkg_manifest.h"
#include "base/json.h"
#include "base/tar_header.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {
namespace {

constexpr std::uint64_t kMode = 0644;
constexpr const char* kRefName = "org.opencontainers.image.ref.name";

std::string blob_path(const oci::Digest& digest) {
  return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

// By its tag, as people know it; images that a bundle brought, by what it calls them.
std::string ref_name(const oci::CarriedImage& image) {
  if (!image.tag.empty()) return image.tag;
  return image.original_ref.empty() ? image.reference() : image.original_ref;
}

std::string index_entry(const oci::CarriedImage& image) {
  return fmt::format(R"({{"mediaType":{},"digest":{},"size":{},"annotations":{{{}:{}}}}})",
                     json_quote(image.target.media_type), json_quote(image.target.digest.str()),
                     image.target.size, json_quote(kRefName), json_quote(ref_name(image)));
}

// The bundle that was asked for comes first.
std::string encode_index(const oci::Contents& contents) {
  std::vector<oci::CarriedImage> images = contents.images;
  std::stable_partition(images.begin(), images.end(), [](const oci::CarriedImage& image) {
    return image.labels.contains(oci::kRootBundleLabel);
  });
  std::string entries;
  for (const oci::CarriedImage& image : images)
    entries += (entries.empty() ? "" : ",") + index_entry(image);
  return fmt::format(R"({{"schemaVersion":2,"mediaType":{},"manifests":[{}]}})",
                     json_quote(oci::kOciIndex), entries);
}

class Writer {
 public:
  void add_file(const std::string& name, const std::string& content) {
    put(encode_tar_header({.name = name, .mode = kMode, .size = content.size()}) + content +
        std::string(tar_padding(content.size()), '\0'));
  }

  void add_layer(const oci::Descriptor& layer) {
    const std::string name = layer_entry_name(layer.digest);
    put(encode_tar_header({.name = name, .mode = kMode, .size = layer.size}));
    layout_.layers[layer.digest] = {layout_.size, layer.size};
    layout_.size += layer.size;
    put(std::string(tar_padding(layer.size), '\0') +
        encode_tar_header({.name = blob_path(layer.digest),
                           .type = TarType::kHardLink,
                           .mode = kMode,
                           .link_target = name}));
  }

  ArchiveLayout finish() {
    put(std::string(tar_end()));
    return std::move(layout_);
  }

 private:
  void put(std::string bytes) {
    const std::uint64_t offset = layout_.size;
    layout_.size += bytes.size();
    layout_.pieces.push_back({offset, std::move(bytes)});
  }

  ArchiveLayout layout_;
};

}  // namespace

ArchiveLayout lay_out(const oci::Contents& contents) {
  Writer writer;
  writer.add_file("manifest.json", encode_imgpkg_manifest(contents));
  // An artifact's config may be one of its layers too (the empty JSON object).
  std::map<std::string, const std::string*> blobs;
  for (const oci::RawManifest& manifest : contents.manifests)
    blobs[blob_path(manifest.descriptor.digest)] = &manifest.bytes;
  for (const oci::CarriedConfig& config : contents.configs)
    blobs[blob_path(config.blob.digest)] = &config.bytes;
  for (const oci::CarriedLayer& layer : contents.layers) {
    writer.add_layer(layer.blob);
    blobs.erase(blob_path(layer.blob.digest));
  }
  for (const auto& [path, bytes] : blobs) writer.add_file(path, *bytes);
  writer.add_file("index.json", encode_index(contents));
  writer.add_file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return writer.finish();
}

}  // namespace tote::archive
