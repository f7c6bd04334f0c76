#include "testregistry/storage/manifest_facts.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "oci/manifest_json.h"

#include <utility>

namespace tote::testregistry {
namespace {

// JSON text of annotations in a list of referrers; a manifest may have megabytes of them, and the
// list would be many times that.
constexpr std::size_t kMaxReferrerAnnotations = 64 * 1024;

}  // namespace

ManifestFacts read_facts(std::string_view bytes, std::string_view what) {
  const Json json = Json::parse(bytes, what);
  ManifestFacts facts;
  for (const Json& child : json.items_of("manifests"))
    facts.manifests.push_back(oci::parse_descriptor(child));
  const std::optional<Json> config = json.find("config");
  if (config) facts.blobs.push_back(oci::parse_descriptor(*config));
  for (const Json& layer : json.items_of("layers"))
    facts.blobs.push_back(oci::parse_descriptor(layer));
  if (const auto subject = json.find("subject")) facts.subject = oci::parse_descriptor(*subject);
  return facts;
}

std::string referrer_type(const oci::Manifest& manifest) {
  if (!manifest.artifact_type().empty()) return manifest.artifact_type();
  return manifest.has_config() ? manifest.config().media_type : std::string();
}

std::string referrer_descriptor(const oci::Manifest& manifest) {
  JsonWriter json;
  oci::begin_descriptor(json, manifest.descriptor(), oci::DescriptorOrder::kDigestFirst)
      .member_unless_empty("artifactType", referrer_type(manifest));
  const std::string annotations = as_json(manifest.annotations());
  if (!manifest.annotations().empty() && annotations.size() <= kMaxReferrerAnnotations)
    json.member("annotations", RawJson{annotations});
  return json.end_object().take();
}

}  // namespace tote::testregistry
