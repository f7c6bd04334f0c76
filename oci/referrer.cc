#include "oci/referrer.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tote::oci {
namespace {

// JSON text of annotations in a list of referrers; a manifest may have megabytes of them, and the
// list would be many times that.
constexpr std::size_t kMaxAnnotations = 64 * 1024;

std::string add_entry(const Manifest& list, const std::string& entry) {
  const Json json = list.json();
  JsonWriter out;
  out.begin_object().members_of(json, {"manifests"}).key("manifests").begin_array();
  for (const Json& present : json.items_of("manifests")) out.value(RawJson{present.text()});
  return out.value(RawJson{entry}).end_array().end_object().take();
}

}  // namespace

std::string artifact_type_of(const Manifest& manifest) {
  if (!manifest.artifact_type().empty()) return manifest.artifact_type();
  return manifest.has_config() ? manifest.config().media_type : std::string();
}

std::string encode_referrer(const Manifest& manifest) {
  JsonWriter json;
  begin_descriptor(json, manifest.descriptor(), DescriptorOrder::kDigestFirst)
      .member_unless_empty("artifactType", artifact_type_of(manifest));
  const std::string annotations = as_json(manifest.annotations());
  if (!manifest.annotations().empty() && annotations.size() <= kMaxAnnotations)
    json.member("annotations", RawJson{annotations});
  return json.end_object().take();
}

bool names_child(const Manifest& index, const Digest& digest) {
  return std::any_of(index.children().begin(), index.children().end(),
                     [&](const Descriptor& child) { return child.digest == digest; });
}

std::optional<std::string> list_with_referrer(const Manifest* list, const Manifest& referrer) {
  const std::string entry = encode_referrer(referrer);
  if (list == nullptr) return encode_index(kOciIndex, {entry});
  if (!list->is_index())
    throw Error(ErrorKind::kParse, fmt::format("manifest {} is no list of referrers, but has the "
                                               "tag of one",
                                               list->digest().str()));
  if (names_child(*list, referrer.digest())) return std::nullopt;
  std::string longer = add_entry(*list, entry);
  if (longer.size() > kMaxManifestSize)
    throw Error(ErrorKind::kParse,
                fmt::format("the list of referrers would be over {} bytes", kMaxManifestSize));
  return longer;
}

}  // namespace tote::oci
