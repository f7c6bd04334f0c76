#include "testregistry/manifest_facts.h"

#include "base/json.h"

#include <fmt/format.h>

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
  facts.artifact_type = json.string_or("artifactType", "");
  if (facts.artifact_type.empty() && config) facts.artifact_type = facts.blobs[0].media_type;
  facts.annotations = json.string_map("annotations");
  return facts;
}

std::string referrer_descriptor(const oci::Descriptor& manifest, const ManifestFacts& facts) {
  std::string text =
      fmt::format(R"({{"mediaType":{},"digest":"{}","size":{})", json_quote(manifest.media_type),
                  manifest.digest.str(), manifest.size);
  if (!facts.artifact_type.empty())
    text += fmt::format(R"(,"artifactType":{})", json_quote(facts.artifact_type));
  if (!facts.annotations.empty())
    text += fmt::format(R"(,"annotations":{})", json_object(facts.annotations));
  return text + "}";
}

ManifestLinks links_of(const ManifestFacts& facts) {
  ManifestLinks links;
  for (const auto* list : {&facts.manifests, &facts.blobs})
    for (const oci::Descriptor& descriptor : *list) links.needed.push_back(descriptor.digest);
  if (facts.subject) links.subject = facts.subject->digest;
  return links;
}

std::unordered_set<oci::Digest> reachable(const LinkMap& manifests,
                                          const std::vector<oci::Digest>& roots) {
  std::unordered_multimap<oci::Digest, oci::Digest> referrers;
  for (const auto& [digest, links] : manifests)
    if (links.subject) referrers.emplace(*links.subject, digest);

  std::unordered_set<oci::Digest> kept;
  std::vector<oci::Digest> waiting = roots;
  while (!waiting.empty()) {
    const oci::Digest next = waiting.back();
    waiting.pop_back();
    if (!kept.insert(next).second) continue;
    const auto found = manifests.find(next);
    if (found == manifests.end()) continue;  // a blob
    waiting.insert(waiting.end(), found->second.needed.begin(), found->second.needed.end());
    const auto [begin, end] = referrers.equal_range(next);
    for (auto it = begin; it != end; ++it) waiting.push_back(it->second);
  }
  return kept;
}

}  // namespace tote::testregistry
