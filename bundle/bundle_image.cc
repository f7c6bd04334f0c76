#include "bundle/bundle_image.h"

#include "base/codec/tar_reader.h"
#include "base/error.h"
#include "bundle/entry_name.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <vector>

namespace tote::bundle {
namespace {

constexpr const char* kImagesLock = ".imgpkg/images.yml";

const oci::Descriptor& only_layer(const oci::Manifest& manifest) {
  const std::span<const oci::Descriptor> layers = manifest.layers();
  if (layers.size() != 1)
    throw Error(ErrorKind::kParse,
                fmt::format("Expected bundle to only have a single layer, got {}", layers.size()));
  if (!oci::is_layer(layers[0].media_type))
    throw Error(ErrorKind::kParse,
                fmt::format("Expected layer to have docker layer media type, was {}",
                            layers[0].media_type));
  return layers[0];
}

// To the end, where a source from the first byte on gives its verdict.
void drain(Source& source) {
  std::vector<std::byte> buffer(kStreamChunk);
  while (source.read_some(buffer) != 0) {
  }
}

// The text of a file in a layer, which is read to its end, so that its digest is right; nullopt:
// there is none of that name.
std::optional<std::string> find_file(Source& layer, const std::string& name) {
  TarReader tar(layer);
  while (const std::optional<TarEntry> entry = tar.next()) {
    if (clean_entry_name(entry->name) != name || entry->type != TarEntryType::kFile) continue;
    std::string text = read_all(tar.content(), kMaxLockSize, name);
    drain(layer);
    return text;
  }
  return std::nullopt;
}

}  // namespace

namespace {

template <class Read>
bool has_bundle_label(const oci::Descriptor& config, Read read) {
  try {
    return oci::parse_image_config(read(), config.digest).labels.contains(kBundleLabel);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    return false;  // an artifact, whose config is of another kind
  }
}

}  // namespace

bool is_bundle(const oci::Manifest& manifest, const oci::Repository& repository,
               copy::ManifestCache& cache, std::stop_token stop) {
  if (manifest.is_index()) return false;
  const oci::Descriptor& config = manifest.config();
  if (!oci::is_readable_config(config)) return false;  // an artifact's
  return has_bundle_label(config,
                          [&] { return cache.config(repository, config, std::move(stop)); });
}

bool is_bundle(const oci::Manifest& manifest, const oci::Contents& contents) {
  if (manifest.is_index() || !manifest.has_config()) return false;
  const oci::CarriedConfig* config = contents.find_config(manifest.config().digest);
  return config != nullptr &&
         has_bundle_label(config->blob, [&]() -> const std::string& { return config->bytes; });
}

std::optional<std::string> find_file_in_image(const oci::Manifest& manifest,
                                              const oci::Repository& repository,
                                              copy::ManifestCache& cache, const std::string& name,
                                              std::stop_token stop) {
  const oci::Descriptor& layer = only_layer(manifest);
  return while_doing(
      [&] {
        return fmt::format("Reading blob '{}'", oci::digest_reference(repository, layer.digest));
      },
      [&] {
        return find_file(*cache.places()(repository).open_blob(layer, 0, std::move(stop)), name);
      });
}

std::string read_file_in_image(const oci::Manifest& manifest, const oci::Repository& repository,
                               copy::ManifestCache& cache, const std::string& name,
                               std::string_view what, std::stop_token stop) {
  std::optional<std::string> text =
      find_file_in_image(manifest, repository, cache, name, std::move(stop));
  if (text) return *std::move(text);
  throw Error(ErrorKind::kParse, fmt::format("Expected to find {} in {}", name, what));
}

ImagesLock read_images_lock(const oci::Manifest& bundle, const oci::Repository& repository,
                            copy::ManifestCache& cache, std::stop_token stop) {
  const std::string digest = bundle.digest().str();
  return while_doing(
      [] { return "Reading Images from Bundle"; },
      [&] {
        const std::string text =
            while_doing([] { return "Reading ImagesLock file"; },
                        [&] {
                          return read_file_in_image(bundle, repository, cache, kImagesLock,
                                                    "bundle image", std::move(stop));
                        });
        return while_doing(
            [&] {
              return fmt::format("Unmarshalling ImagesLock from image with Digest '{}'", digest);
            },
            [&] { return ImagesLock::parse(text, "images.yml of " + digest); });
      });
}

}  // namespace tote::bundle
