#include "bundle/inventory.h"

#include "base/codec/decompressor.h"
#include "base/codec/zstd_frame.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string Inventory::encode() const {
  JsonWriter json;
  json.begin_object().member("kind", "inventory").member("version", kVersion);
  json.key("blobs").begin_array();
  for (const auto& [digest, size] : blobs)
    json.begin_object().member("digest", digest.str()).member("bytes", size).end_object();
  json.end_array().key("tags").begin_array();
  for (const auto& [tag, digest] : tags)
    json.begin_object().member("tag", tag).member("digest", digest.str()).end_object();
  return json.end_array().end_object().take() + "\n";
}

Inventory Inventory::parse(std::string_view text) {
  const Json json = Json::parse(text, "inventory");
  if (json.string_or("kind", "") != "inventory")
    throw Error(ErrorKind::kParse, "it is no inventory");
  if (const std::uint64_t version = json.at("version").number(); version != kVersion)
    throw Error(ErrorKind::kParse,
                fmt::format("it is an inventory of version {}; this program knows version {}",
                            version, kVersion));
  Inventory inventory;
  for (const Json& blob : json.at("blobs").items())
    inventory.blobs.insert_or_assign(oci::Digest::parse(blob.at("digest").string()),
                                     blob.at("bytes").number());
  for (const Json& tag : json.at("tags").items())
    inventory.tags.insert_or_assign(tag.at("tag").string(),
                                    oci::Digest::parse(tag.at("digest").string()));
  return inventory;
}

Inventory list_contents(const PlaceContents& place) {
  Inventory inventory;
  for (const oci::ManifestPtr& manifest : place.contents.manifests)
    inventory.blobs[manifest->digest()] = manifest->bytes().size();
  for (const oci::CarriedConfig& config : place.contents.configs)
    inventory.blobs[config.blob.digest] = config.blob.size;
  for (const oci::CarriedLayer& layer : place.contents.layers)
    if (place.has_layer(layer.blob.digest)) inventory.blobs[layer.blob.digest] = layer.blob.size;
  for (const oci::CarriedImage& image : place.contents.images)
    if (!image.tag.empty()) inventory.tags.insert_or_assign(image.tag, image.target.digest);
  return inventory;
}

std::string Inventory::encode_for(const std::filesystem::path& file) const {
  std::string text = encode();
  if (file.extension() != ".zst") return text;
  ZstdFrameEncoder encoder;
  return std::string(as_text(encoder.encode(as_bytes(text))));
}

Inventory Inventory::load(const std::filesystem::path& file) {
  const FilePtr open = open_for_reading(file);
  RangeSource bytes(open, 0, open->size());
  DecompressedSource text(bytes);
  return parse(read_all(text, kMaxInventory, file.string()));
}

}  // namespace tote::bundle
