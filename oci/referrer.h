// Manifests that say by their `subject` what they are about (OCI image specification 1.1,
// manifest.md and image-index.md), and the lists of them.
#pragma once

#include "oci/manifest.h"

#include <cstddef>
#include <optional>
#include <string>

namespace tote::oci {

// So many of one image are looked at. Lists come from others.
inline constexpr std::size_t kMaxReferrers = 10'000;

// Its own artifact type, else the type of its config; may be empty.
std::string artifact_type_of(const Manifest& manifest);

// The entry of `manifest` in the list of its subject's referrers (OCI distribution specification
// 1.1, "Listing Referrers"); without its annotations if those are over 64 KiB.
std::string encode_referrer(const Manifest& manifest);

// Whether an index has this one among its children.
bool names_child(const Manifest& index, const Digest& digest);

// `list`, the index that the tag of a subject (digest_tag()) leads to where a registry keeps no
// lists, with `referrer` behind the others, whose entries stay; null: it is the first. nullopt: it
// is there. Error{kParse} if the tag leads to something else, or the list would be over 4 MiB.
std::optional<std::string> list_with_referrer(const Manifest* list, const Manifest& referrer);

// `list` without this one. nullopt: it is not in it. Error{kParse} for what is no index.
std::optional<std::string> list_without_referrer(const Manifest& list, const Digest& referrer);

}  // namespace tote::oci
