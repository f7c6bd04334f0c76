// What kbld is told about images: documents of kind Config and, before its 0.28, ImageOverrides,
// ImageKeys and Sources, of kbld.k14s.io/v1alpha1; and imgpkg's ImagesLock, which kbld takes for
// overrides.
#pragma once

#include "base/yaml_reader.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tote::bundle::discover {

struct AnyPosition {};  // every item of a list
using KbldPathPart = std::variant<std::string, std::size_t, AnyPosition>;

// Which values are images. A value matches if all that is given does.
struct KbldRule {
  enum class Update {
    kEntireValue,  // the value is a reference
    kNone,         // it is none, whatever other rules say
    kJson,         // it is JSON to look through
    kYaml,         // it is JSON or YAML
  };

  std::string key = {};
  std::vector<KbldPathPart> path = {};
  std::string image = {};             // the value
  std::string image_repository = {};  // the value, but for its tag or digest
  Update update = Update::kEntireValue;
  std::vector<KbldRule> inner = {};  // for JSON and YAML
};

// Another name for what was found.
struct KbldOverride {
  std::string image = {};  // as it stands in manifests; or
  std::string image_repository = {};
  std::string new_image = {};
  bool is_preresolved = false;
  bool has_tag_selection = false;       // a range of versions instead of a tag
  bool has_platform_selection = false;  // one image of an index
};

struct KbldConfig {
  std::vector<KbldRule> rules = {};  // the first that matches counts
  std::vector<KbldOverride> overrides = {};
  std::vector<KbldOverride> built = {};  // what kbld would build from sources: no new_image

  bool is_empty() const { return rules.empty() && overrides.empty() && built.empty(); }
  // Adds what the document says, if it is one of those above. Error{kParse} with the line for what
  // kbld would refuse.
  void add(const Yaml& document);
  // That of all documents of a text.
  static KbldConfig read(std::string_view text, std::string_view origin);
};

// "nginx" of "nginx:1.14", "nginx@sha256:...": kbld compares repositories as texts.
std::string_view without_tag_or_digest(std::string_view reference);
bool applies(const KbldOverride& change, std::string_view reference);

}  // namespace tote::bundle::discover
