#include "bundle/image_names.h"

#include "base/error.h"
#include "base/yaml_writer.h"
#include "bundle/build_image.h"
#include "bundle/bundle_image.h"
#include "bundle/discover/strict_map.h"
#include "bundle/image_tags.h"
#include "oci/reference.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

constexpr const char* kKind = "ImageNames";
constexpr const char* kFileName = "image-names.yml";

ImageNamed read_image(const Yaml& node) {
  discover::StrictMap map(node);
  ImageNamed image{map.required_text("image"), map.required_text("original"),
                   map.required_text("name")};
  map.finish();
  if (!oci::Reference::try_parse_digest(image.image))
    discover::refuse(node, fmt::format("'{}' is no image with a digest", image.image));
  try {
    oci::Reference::parse_tag(image.name);
  } catch (const Error& error) {
    discover::refuse(node, fmt::format("'{}': {}", image.name, error.message()));
  }
  return image;
}

}  // namespace

ImageNames ImageNames::parse(std::string_view text, std::string_view origin) {
  discover::StrictMap map(Yaml::parse(text, origin));
  map.take_head(kKind);
  ImageNames names;
  for (const Yaml& item : map.items("images")) names.images.push_back(read_image(item));
  map.finish();
  return names;
}

std::string ImageNames::encode() const {
  std::vector<ImageNamed> sorted = images;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string list = sorted.empty() ? "images: []\n" : "images:\n";
  for (const ImageNamed& image : sorted)
    list +=
        fmt::format("- {}{}{}", yaml_field("image", image.image, 0),
                    yaml_field("name", image.name, 2), yaml_field("original", image.original, 2));
  return fmt::format("---\n{}kind: {}\nversion: 1\n", list, kKind);
}

std::optional<ImageNames> find_image_names(const oci::Repository& repository,
                                           const oci::Digest& bundle, copy::ManifestCache& cache,
                                           std::stop_token stop) {
  return while_doing(
      [&] { return fmt::format("Reading the names of the images of bundle '{}'", bundle.str()); },
      [&]() -> std::optional<ImageNames> {
        oci::ManifestPtr manifest;
        try {
          manifest = cache.manifest(repository, image_names_tag(bundle), stop);
        } catch (const Error& error) {
          // A registry may hide what it does not have behind either answer.
          if (error.kind() != ErrorKind::kNotFound && !error.is_denied()) throw;
          return std::nullopt;
        }
        return ImageNames::parse(
            read_file_in_image(*manifest, repository, cache, kFileName, "image of names", stop),
            kFileName);
      });
}

std::unique_ptr<oci::Artifact> build_image_names(const ImageNames& names) {
  return build_image(pack_text(kFileName, names.encode()), {});
}

}  // namespace tote::bundle
