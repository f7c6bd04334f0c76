#include "testregistry/storage/manifest_facts.h"

#include "base/json.h"

#include <utility>

namespace tote::testregistry {
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

}  // namespace tote::testregistry
