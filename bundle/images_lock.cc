#include "bundle/images_lock.h"

#include "base/error.h"
#include "base/file.h"
#include "base/yaml_writer.h"
#include "bundle/lock_file.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr const char* kKind = "ImagesLock";

struct RawImage {
  std::string image;
  std::map<std::string, std::string> annotations;
};

RawImage read_image(const Yaml& node) {
  const auto members = known_members(node, {"image", "annotations"});
  RawImage image{text_of(members, "image"), {}};
  const auto annotations = members.find("annotations");
  if (annotations != members.end() && annotations->second.kind() != Yaml::Kind::kNull)
    for (const auto& [key, value] : annotations->second.members())
      image.annotations[key] = value.kind() == Yaml::Kind::kNull ? "" : value.text();
  return image;
}

}  // namespace

ImagesLock ImagesLock::parse(std::string_view text, std::string_view origin) {
  std::map<std::string, Yaml> members;
  std::vector<RawImage> raw;
  while_doing(
      [] { return "Unmarshaling images lock"; },
      [&] {
        members = known_members(Yaml::parse(text, origin), {"apiversion", "kind", "images"});
        const auto images = members.find("images");
        if (images != members.end() && images->second.kind() != Yaml::Kind::kNull)
          for (const Yaml& item : images->second.items()) raw.push_back(read_image(item));
      });
  ImagesLock lock;
  while_doing(
      [] { return "Validating images lock"; },
      [&] {
        check_document(members, kKind);
        for (RawImage& image : raw) {
          check_digest_form(image.image);
          lock.images.push_back({oci::Reference::parse(image.image), std::move(image.annotations)});
        }
      });
  return lock;
}

ImagesLock ImagesLock::load(const std::filesystem::path& path) {
  const std::string text =
      while_doing([&] { return fmt::format("Reading path {}", path.string()); },
                  [&] { return read_file(path, kMaxLockSize); });
  return parse(text, path.string());
}

std::string ImagesLock::encode() const {
  std::string out = fmt::format("---\napiVersion: {}\n", kLockApiVersion);
  if (!images.empty()) out += "images:\n";
  for (const LockedImage& image : images) {
    std::string entry = yaml_map_field("annotations", image.annotations, 2) +
                        yaml_field("image", image.reference.name(), 2);
    entry[0] = '-';  // in place of the indentation's first blank
    out += entry;
  }
  return out + fmt::format("kind: {}\n", kKind);
}

}  // namespace tote::bundle
