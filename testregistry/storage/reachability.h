// What garbage collection keeps, and why. Internal to testregistry/.
#pragma once

#include "oci/digest.h"
#include "testregistry/storage/manifest_facts.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tote::testregistry {

// What garbage collection needs to know of one manifest.
struct ManifestLinks {
  std::vector<oci::Digest> needed;  // manifests and blobs that it names
  std::optional<oci::Digest> subject;
  bool needs_all = false;  // what it needs can not be told: it may be any manifest that is there
};
ManifestLinks links_of(const ManifestFacts& facts);

using LinkMap = std::unordered_map<oci::Digest, ManifestLinks>;

// Whether a tag only says that something has this digest, or belongs to what has it, so that nobody
// chose it as a name: "sha256-<hex>.imgpkg" and "<name>-sha256-<hex>.imgpkg" of imgpkg and tote,
// "sha256-<hex>.image-locations.imgpkg", cosign's ".sig", ".att" and ".sbom", and "sha256-<hex>",
// where clients keep a list of referrers for registries that do not (distribution specification
// 1.1, "Referrers Tag Schema"). <hex> has 64 digits, also of a sha512 digest.
bool only_names(std::string_view tag, const oci::Digest& digest);

struct Tag {
  std::string name;
  oci::Digest target;
};

// What to begin from, and what else leads from one manifest to another.
struct Reasons {
  std::vector<oci::Digest> roots = {};
  // The second stays if the first does.
  std::vector<std::pair<oci::Digest, oci::Digest>> ties = {};
};

// Every tag is a root, but for one that only names a digest: what it points at stays if the
// manifest of that digest does. `is_elsewhere` says of a digest that `manifests` does not have
// whether another repository has it: then the tag is a root, since signatures may be kept apart.
void add_tags(const std::vector<Tag>& tags, const LinkMap& manifests,
              const std::function<bool(const oci::Digest&)>& is_elsewhere, Reasons& reasons);

// Everything that the roots keep alive: what they name, what that names, the referrers of any of
// it, and what is tied to it. One visit per manifest.
std::unordered_set<oci::Digest> reachable(const LinkMap& manifests, const Reasons& reasons);

}  // namespace tote::testregistry
