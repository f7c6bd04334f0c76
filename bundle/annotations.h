// Annotations that manifests get on their way to another name, and nothing else of them: every
// other byte stays, in its order. What a digest changes follows: in indexes the entries of their
// children, and what BuildKit's attestations and subjects say of other manifests that are carried.
#pragma once

#include "oci/contents.h"

#include <map>
#include <string>
#include <string_view>

namespace tote::bundle {

struct AnnotationEdits {
  std::map<std::string, std::string> of_index = {};   // of the index that was asked for
  std::map<std::string, std::string> of_images = {};  // of each image, or of the artifact itself

  bool empty() const noexcept { return of_index.empty() && of_images.empty(); }
  // "KEY=VALUE" or "manifest:KEY=VALUE", of images; "index:KEY=VALUE". Of a key that is given twice
  // the last value counts. Error{kUsage}.
  void add(std::string_view text);
};

// By which manifest each was replaced.
using RewrittenManifests = std::map<oci::Digest, oci::Digest>;
// Images lead to what is annotated then. An annotation that is there with another value gets the
// new one; one that has it already changes nothing. What is about another image of the same index
// is no image itself: it gets no annotations. Error{kParse} for manifests that do not fit, and for
// those whose subjects have subjects more than 32 deep.
RewrittenManifests annotate(oci::Contents& contents, const AnnotationEdits& edits);

}  // namespace tote::bundle
