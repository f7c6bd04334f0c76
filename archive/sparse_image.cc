#include "archive/sparse_image.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <set>

namespace tote::archive {

oci::PlatformChoice platforms_of(const std::map<std::string, std::string>& labels) {
  const auto label = labels.find(kPlatformsLabel);
  if (label == labels.end()) return {};
  try {
    return oci::PlatformChoice::parse(split(label->second, ','));
  } catch (const Error& error) {
    throw Error(ErrorKind::kParse, fmt::format("{}: {}", kPlatformsLabel, error.message()));
  }
}

bool is_sparse(const oci::Contents& contents, const oci::Digest& image) {
  std::set<oci::Digest> seen = {image};
  for (std::vector<oci::Digest> open = {image}; !open.empty();) {
    const oci::ManifestPtr manifest = contents.find_manifest(open.back());
    open.pop_back();
    if (manifest == nullptr) return true;
    for (const oci::Descriptor& child : manifest->children())
      if (seen.insert(child.digest).second) open.push_back(child.digest);
  }
  return false;
}

}  // namespace tote::archive
