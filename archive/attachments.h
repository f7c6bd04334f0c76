// Signatures, attestations and SBOMs among the images of a layout. cosign and hauler write them
// under the name of the image that they are about, and tell them apart by an annotation `kind`.
// Internal to archive/.
#pragma once

#include "archive/oci_layout.h"
#include "oci/contents.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::archive {

// What `kind` says an entry is: ".sig", ".att" or ".sbom", which its tag ends in; "" for one that
// is about another image but has no tag of its own. nullopt: it is an image by itself.
std::optional<std::string> attachment_suffix(const std::map<std::string, std::string>& annotations);

struct LayoutEntry {
  oci::CarriedImage image;  // with the name that is written there
  std::optional<std::string> attachment;
};

// Where there is an entry for the list of an image's referrers, as clients keep it under the tag
// "sha256-<hex>" in registries that have no lists: entries for what it names in its place. Whether
// there was one.
bool replace_referrer_lists(std::vector<LayoutEntry>& entries, const oci::ManifestList& manifests);

// Gives attachments the tags that cosign looks for ("sha256-<hex>.sig") in the place of the names
// of what they are about: of the image of that name, or where that does not tell, of the image of
// the layout that the content of a signature or an attestation names, which `read_blob` gives.
// Where two images have one name, what consists of signatures only is taken for an attachment even
// if it does not say so. Two attachments that would get one tag get none.
std::vector<oci::CarriedImage> name_attachments(std::vector<LayoutEntry> entries,
                                                const oci::ManifestList& manifests,
                                                const ReadBlob& read_blob);

}  // namespace tote::archive
