// What is not as it should be in a place, and what is needed to put it right.
#pragma once

#include "oci/manifest.h"
#include "oci/reference.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

enum class FindingKind {
  kMissing,   // it should be there
  kExtra,     // it is there, and nothing says so
  kChanged,   // a name leads to something else
  kCorrupt,   // the content is not what its digest says
  kUnsigned,  // nobody whose key is trusted has signed it
};
// "missing", "extra", ...
std::string_view name_of(FindingKind kind) noexcept;

// kPlace: all of it, since it can not be read.
enum class Concern { kPlace, kManifest, kBlob, kTag, kSignature };

struct Finding {
  FindingKind kind;
  Concern concern;
  std::string what;  // a reference, a tag or a digest
  std::string why;   // one sentence

  // What should be there, of a tag what it should lead to; if it is extra, what is there. Of
  // manifests the digest alone is known.
  std::optional<oci::Descriptor> content = {};
  std::string tag = {};
  std::vector<oci::Repository> sources = {};  // where the content may be had, the best first
  bool is_named = false;                      // an image of its own, not only a part of an index

  // Why it could not be put right; empty: nobody has tried.
  std::string unrepaired = {};

  // Whether it is about the same, as seen at another time.
  bool is_same_as(const Finding& other) const { return kind == other.kind && what == other.what; }
};

// Sorted by what they are about, each once.
void sort_findings(std::vector<Finding>& findings);

}  // namespace tote::bundle
