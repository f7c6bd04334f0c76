#include "testregistry/api/route.h"

#include "base/text.h"
#include "testregistry/values/names.h"

#include <vector>

namespace tote::testregistry {
namespace {

std::string join(const std::vector<std::string>& parts, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : "/") + parts[i];
  return out;
}

// What the last parts of the path say; how many they are goes to `used`.
Endpoint recognise(const std::vector<std::string>& parts, std::size_t& used) {
  const auto part = [&](std::size_t from_end) -> std::string_view {
    return from_end <= parts.size() ? std::string_view(parts[parts.size() - from_end])
                                    : std::string_view();
  };
  used = 2;
  if (part(2) == "tags" && part(1) == "list") return Endpoint::kTags;
  if (part(2) == "manifests") return Endpoint::kManifest;
  if (part(2) == "referrers") return Endpoint::kReferrers;
  if (part(2) == "blobs") return part(1) == "uploads" ? Endpoint::kUploads : Endpoint::kBlob;
  used = 3;
  if (part(3) == "blobs" && part(2) == "uploads")
    return part(1).empty() ? Endpoint::kUploads : Endpoint::kUpload;
  return Endpoint::kNone;
}

}  // namespace

Route parse_route(std::string_view path) {
  if (path == "/v2/" || path == "/v2") return {Endpoint::kBase, "", ""};
  if (path == "/v2/_catalog") return {Endpoint::kCatalog, "", ""};
  if (!path.starts_with("/v2/")) return {};
  const std::vector<std::string> parts = split(path.substr(4), '/');
  std::size_t used = 0;
  const Endpoint endpoint = recognise(parts, used);
  if (endpoint == Endpoint::kNone || used >= parts.size()) return {};
  std::string name = join(parts, parts.size() - used);
  if (!is_repository_name(name)) return {Endpoint::kInvalidName, "", ""};
  return {endpoint, std::move(name), parts.back()};
}

}  // namespace tote::testregistry
