#include "testregistry/storage/reachability.h"

#include <algorithm>
#include <array>

namespace tote::testregistry {
namespace {

constexpr std::size_t kHex = 64;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_known_suffix(std::string_view suffix, bool has_prefix) {
  constexpr std::array<std::string_view, 6> kSuffixes = {
      ".imgpkg", "", ".image-locations.imgpkg", ".sig", ".att", ".sbom"};
  const std::size_t count = has_prefix ? 1 : kSuffixes.size();
  return std::find(kSuffixes.begin(), kSuffixes.begin() + count, suffix) !=
         kSuffixes.begin() + count;
}

// "sha256:<hex>" of a tag that names a digest, with kHex digits whatever the algorithm.
std::optional<std::string> name_of_digest(std::string_view tag) {
  for (const std::string_view algorithm : {"sha256", "sha512"}) {
    const std::string mark = std::string(algorithm) + "-";
    const std::size_t at = tag.rfind(mark);
    if (at == std::string_view::npos || (at > 0 && tag[at - 1] != '-')) continue;
    const std::string_view rest = tag.substr(at + mark.size());
    if (rest.size() >= kHex && is_hex(rest.substr(0, kHex)) &&
        is_known_suffix(rest.substr(kHex), at > 0))
      return std::string(algorithm) + ":" + std::string(rest.substr(0, kHex));
  }
  return std::nullopt;
}

std::string short_name(const oci::Digest& digest) {
  return std::string(digest.algorithm_name()) + ":" + digest.hex().substr(0, kHex);
}

std::unordered_map<std::string, oci::Digest> manifests_by_name(const LinkMap& manifests) {
  std::unordered_map<std::string, oci::Digest> by_name;
  for (const auto& [digest, links] : manifests) by_name.emplace(short_name(digest), digest);
  return by_name;
}

}  // namespace

bool only_names(std::string_view tag, const oci::Digest& digest) {
  return name_of_digest(tag) == short_name(digest);
}

ManifestLinks links_of(const ManifestFacts& facts) {
  ManifestLinks links;
  for (const auto* list : {&facts.manifests, &facts.blobs})
    for (const oci::Descriptor& descriptor : *list) links.needed.push_back(descriptor.digest);
  if (facts.subject) links.subject = facts.subject->digest;
  return links;
}

void add_tags(const std::vector<Tag>& tags, const LinkMap& manifests,
              const std::function<bool(const oci::Digest&)>& is_elsewhere, Reasons& reasons) {
  const std::unordered_map<std::string, oci::Digest> by_name = manifests_by_name(manifests);
  for (const Tag& tag : tags) {
    const std::optional<std::string> named = name_of_digest(tag.name);
    const auto subject = named ? by_name.find(*named) : by_name.end();
    if (subject != by_name.end())
      reasons.ties.emplace_back(subject->second, tag.target);
    else if (const auto digest = named ? oci::Digest::try_parse(*named) : std::nullopt;
             !digest || is_elsewhere(*digest))  // a sha512 digest is cut, and can not be looked for
      reasons.roots.push_back(tag.target);
  }
}

std::unordered_set<oci::Digest> reachable(const LinkMap& manifests, const Reasons& reasons) {
  std::unordered_multimap<oci::Digest, oci::Digest> tied;
  for (const auto& [digest, links] : manifests)
    if (links.subject) tied.emplace(*links.subject, digest);
  for (const auto& [from, to] : reasons.ties) tied.emplace(from, to);

  std::unordered_set<oci::Digest> kept;
  std::vector<oci::Digest> waiting = reasons.roots;
  bool keeps_all = false;
  while (!waiting.empty()) {
    const oci::Digest next = waiting.back();
    waiting.pop_back();
    if (!kept.insert(next).second) continue;
    const auto found = manifests.find(next);
    if (found == manifests.end()) continue;  // a blob
    waiting.insert(waiting.end(), found->second.needed.begin(), found->second.needed.end());
    if (found->second.needs_all && !std::exchange(keeps_all, true))
      for (const auto& [digest, links] : manifests) waiting.push_back(digest);
    const auto [begin, end] = tied.equal_range(next);
    for (auto it = begin; it != end; ++it) waiting.push_back(it->second);
  }
  return kept;
}

}  // namespace tote::testregistry
