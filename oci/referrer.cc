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

// The list with these entries instead.
std::string with_entries(const Manifest& list, const std::vector<std::string>& entries) {
  JsonWriter out;
  out.begin_object().members_of(list.json(), {"manifests"}).key("manifests").begin_array();
  for (const std::string& entry : entries) out.value(RawJson{entry});
  return out.end_array().end_object().take();
}

std::string add_entry(const Manifest& list, const std::string& entry) {
  std::vector<std::string> entries;
  for (const Json& present : list.json().items_of("manifests")) entries.push_back(present.text());
  entries.push_back(entry);
  return with_entries(list, entries);
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

std::optional<std::string> list_without_referrer(const Manifest& list, const Digest& referrer) {
  if (!names_child(list, referrer)) return std::nullopt;
  std::vector<std::string> entries;
  for (const Json& present : list.json().items_of("manifests"))
    if (parse_descriptor(present).digest != referrer) entries.push_back(present.text());
  return with_entries(list, entries);
}

}  // namespace tote::oci
