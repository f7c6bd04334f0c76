// An image that was found in a chart, in manifests or in what people said of them.
#pragma once

#include "bundle/discover/image_name.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

// Where a value stands, from the values of the outermost chart on: keys, and the positions in lists
// as decimal numbers. Empty: nowhere.
using ValuePath = std::vector<std::string>;
// "sidecars[0].image"; keys with a dot or a bracket are quoted: `a."b.c".d`.
std::string path_text(const ValuePath& path);

// In which parts an image stands among values.
enum class Form {
  kNone,       // it does not: it was seen in manifests, or somebody said so
  kSplit,      // a map of registry, repository and tag
  kJoined,     // a map of repository, with the registry in it, and tag
  kReference,  // one text
  kNamed,      // a map of a name; registry and namespace are at the root
  kNameTag,    // texts imageName and imageTag, side by side
  kPair,       // a text image, and a tag beside it
  kHub,        // a text name; the host with a path in front of it and the tag stand elsewhere
};
std::string_view name_of(Form form) noexcept;

// Where each part stands, or would have to be written. A part without a place can not be written by
// itself: a registry stands in the repository then. Several images may have one place in common.
struct FormFields {
  ValuePath registry = {};
  ValuePath repository = {};
  ValuePath name = {};  // what follows the repository, with a "/" between them
  ValuePath tag = {};
  ValuePath digest = {};
  bool is_bare_digest = false;  // 64 digits without "sha256:"
  // What the templates put behind a repository or a tag that stands among the values.
  std::string repository_suffix = {};
  std::string tag_suffix = {};

  friend auto operator<=>(const FormFields&, const FormFields&) = default;
};

enum class Certainty { kHigh, kMedium, kLow };
std::string_view name_of(Certainty certainty) noexcept;

enum class Evidence { kValues, kRendered, kAnnotation, kLockFile, kHint, kGiven };
std::string_view name_of(Evidence evidence) noexcept;

struct FoundImage {
  std::vector<ImageName> candidates;  // the first that exists is meant; never empty
  Evidence evidence = Evidence::kGiven;
  std::string rule = {};  // "V1", "R2": docs/charts.md says what each is
  Certainty certainty = Certainty::kHigh;
  std::string chart = {};  // "root/child" by alias; empty: of no chart
  ValuePath path = {};     // of the map or text that it was found by
  Form form = Form::kNone;
  FormFields fields = {};
  std::string where = {};     // "values.yaml, line 12", "Deployment web, container app"
  std::string optional = {};  // why it is not needed as the values are; empty: it is
  // What it was called before somebody put a digest or another place in; empty: nothing else.
  std::string original = {};
};

}  // namespace tote::bundle::discover
