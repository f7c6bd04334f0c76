#include "bundle/locations.h"

#include "base/error.h"
#include "base/yaml_writer.h"
#include "bundle/build_image.h"
#include "bundle/bundle_image.h"
#include "bundle/image_tags.h"
#include "bundle/lock_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

constexpr const char* kKind = "ImageLocations";
constexpr const char* kFileName = "image-locations.yml";

std::map<std::string, Yaml> members_of(const Yaml& node) {
  std::map<std::string, Yaml> members;
  for (auto& [key, value] : node.members()) members.insert_or_assign(key, value);
  return members;
}

}  // namespace

Locations Locations::parse(std::string_view text, std::string_view origin) {
  const Yaml document = Yaml::parse(text, origin);
  const auto members = members_of(document);
  if (text_of(members, "apiVersion") != kLockApiVersion)
    throw Error(ErrorKind::kParse, fmt::format("Unknown version (known: {})", kLockApiVersion))
        .add_context("Validating apiVersion");
  if (text_of(members, "kind") != kKind)
    throw Error(ErrorKind::kParse, fmt::format("Unknown kind (known: {})", kKind))
        .add_context("Validating kind");
  Locations locations;
  const auto images = members.find("images");
  if (images != members.end() && images->second.kind() == Yaml::Kind::kList)
    for (const Yaml& item : images->second.items()) {
      const auto fields = members_of(item);
      locations.images.push_back({text_of(fields, "image"), text_of(fields, "isBundle") == "true"});
    }
  return locations;
}

std::string Locations::encode() const {
  std::vector<Location> sorted = images;
  std::sort(sorted.begin(), sorted.end(),
            [](const Location& a, const Location& b) { return a.image < b.image; });
  std::string list = sorted.empty() ? "images: []\n" : "images:\n";
  for (const Location& location : sorted)
    list += fmt::format("- {}  isBundle: {}\n", yaml_field("image", location.image, 0),
                        location.is_bundle);
  return fmt::format("---\napiVersion: {}\n{}kind: {}\n", kLockApiVersion, list, kKind);
}

std::optional<Locations> find_locations(const oci::Repository& repository,
                                        const oci::Digest& bundle, copy::ManifestCache& cache,
                                        std::stop_token stop) {
  return while_doing([] { return "Fetching location image"; },
                     [&]() -> std::optional<Locations> {
                       oci::ManifestPtr manifest;
                       try {
                         manifest = cache.manifest(repository, locations_tag(bundle), stop);
                       } catch (const Error& error) {
                         // A registry may hide what it does not have behind either answer.
                         if (error.kind() != ErrorKind::kNotFound && !error.is_denied()) throw;
                         return std::nullopt;
                       }
                       const std::string text = read_file_in_image(
                           *manifest, repository, cache, kFileName, "locations image", stop);
                       Locations locations = Locations::parse(text, "locations of " + bundle.str());
                       locations.carrier = manifest->digest();
                       return locations;
                     });
}

std::unique_ptr<oci::Artifact> build_locations_image(const Locations& locations) {
  return build_image(pack_text(kFileName, locations.encode()), {});
}

}  // namespace tote::bundle
