#include "bundle/bundle_lock.h"

#include "base/error.h"
#include "base/file.h"
#include "base/yaml_writer.h"
#include "bundle/images_lock.h"
#include "bundle/lock_file.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr const char* kKind = "BundleLock";

}  // namespace

BundleLock BundleLock::parse(std::string_view text, std::string_view origin) {
  std::map<std::string, Yaml> members;
  std::string image;
  std::string tag;
  while_doing(
      [] { return "Unmarshaling bundle lock"; },
      [&] {
        members = known_members(Yaml::parse(text, origin), {"apiversion", "kind", "bundle"});
        const auto bundle = members.find("bundle");
        if (bundle == members.end()) return;
        const auto inner = known_members(bundle->second, {"image", "tag"});
        image = text_of(inner, "image");
        tag = text_of(inner, "tag");
      });
  return while_doing([] { return "Validating bundle lock"; },
                     [&] {
                       check_document(members, kKind);
                       check_digest_form(image);
                       return BundleLock{oci::Reference::parse(image), tag};
                     });
}

BundleLock BundleLock::load(const std::filesystem::path& path) {
  const std::string text =
      while_doing([&] { return fmt::format("Reading path {}", path.string()); },
                  [&] { return read_file(path, kMaxLockSize); });
  return parse(text, path.string());
}

std::string BundleLock::encode() const {
  return fmt::format("---\napiVersion: {}\nbundle:\n{}{}kind: {}\n", kLockApiVersion,
                     yaml_field("image", bundle.name(), 2),
                     tag.empty() ? "" : yaml_field("tag", tag, 2), kKind);
}

}  // namespace tote::bundle
