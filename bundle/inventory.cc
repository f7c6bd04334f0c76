#include "bundle/inventory.h"

#include "archive/archive_reader.h"
#include "base/codec/decompressor.h"
#include "base/codec/zstd_frame.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "bundle/bundle_image.h"
#include "bundle/selection.h"
#include "bundle/transfer_source.h"
#include "copy/plan.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kVersion = 1;

class Counting {
 public:
  Counting(registry::Client& client, const Session& session) : client_(client), session_(session) {}

  Inventory operator()(const FilePlace& place) {
    const archive::ArchiveReader archive(place.path, session_.reading);
    add(archive.contents(), [&](const oci::Digest& blob) { return archive.has_blob(blob); });
    return std::move(inventory_);
  }

  Inventory operator()(const RegistryPlace& place) {
    copy::ManifestCache cache([this](const oci::Repository& name) -> oci::ImageReader& {
      return client_.repository(name);
    });
    const copy::Plan plan = copy::plan_copy(roots_of(place, cache), cache,
                                            {.non_distributable = copy::NonDistributable::kInclude},
                                            session_.pool, session_.stop);
    add(plan.contents, [](const oci::Digest&) { return true; });
    return std::move(inventory_);
  }

  Inventory operator()(const StandardStream&) {
    throw Error(ErrorKind::kUsage, "What comes from standard input can not be listed")
        .with_hint("write it to a file first");
  }

 private:
  std::vector<oci::CarriedImage> roots_of(const RegistryPlace& place, copy::ManifestCache& cache) {
    if (place.digest || !place.tag.empty()) return named_by(place.reference(), cache);
    registry::RemoteRepository& repository = client_.repository(place.repository);
    std::vector<oci::CarriedImage> roots;
    for (const std::string& tag : repository.tags(session_.stop))
      if (const auto target = repository.resolve(tag, session_.stop))
        roots.push_back({place.repository, *target, tag, {}, {}});
    return roots;
  }

  // With what it names, if it is a bundle.
  std::vector<oci::CarriedImage> named_by(const oci::Reference& reference,
                                          copy::ManifestCache& cache) {
    const oci::ManifestPtr root =
        cache.manifest(reference.repository, reference.identifier(), session_.stop);
    TransferSource from = FromImage{reference};
    if (is_bundle(*root, reference.repository, cache, session_.stop)) from = FromBundle{reference};
    return select_images(from, nullptr, cache, session_).images;
  }

  template <class IsThere>
  void add(const oci::Contents& contents, IsThere is_there) {
    for (const oci::ManifestPtr& manifest : contents.manifests)
      inventory_.blobs[manifest->digest()] = manifest->bytes().size();
    for (const oci::CarriedConfig& config : contents.configs)
      inventory_.blobs[config.blob.digest] = config.blob.size;
    for (const oci::CarriedLayer& layer : contents.layers)
      if (is_there(layer.blob.digest)) inventory_.blobs[layer.blob.digest] = layer.blob.size;
    for (const oci::CarriedImage& image : contents.images)
      if (!image.tag.empty()) inventory_.tags.insert_or_assign(image.tag, image.target.digest);
  }

  registry::Client& client_;
  const Session& session_;
  Inventory inventory_;
};

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

Inventory take_inventory(const Place& place, registry::Client& client, const Session& session) {
  return std::visit(Counting(client, session), place);
}

}  // namespace tote::bundle
