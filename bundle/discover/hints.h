// What people know of a chart's images that can not be seen in it (docs/hints/README.md).
#pragma once

#include "bundle/discover/chart_file.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

inline constexpr std::size_t kMaxHintsSize = std::size_t{16} << 20U;

struct HintImage {
  std::optional<ImageName> name = {};  // nothing: what stands at the place is meant
  ImagePlace place = {};
  std::string tag_prefix = {};  // in front of the tag that stands there
  bool is_optional = false;
  std::string where = {};
};

struct NameOverride {
  ImageName from;  // without tag and digest: of the repository whatever tag it has
  ImageName to;    // without tag and digest: as it was

  std::optional<ImageName> apply(const ImageName& name) const;
};

struct Hints {
  std::vector<HintImage> images = {};
  std::vector<std::string> ignore = {};  // patterns for references and for paths among values
  std::vector<PullSecretPlace> pull_secrets = {};
  std::vector<NameOverride> overrides = {};

  // Of kind ImageHints, or a chart.yml. Strict: Error{kParse} with the line.
  static Hints parse(std::string_view text, std::string_view origin);
  // Adds hints that were given later: an image or secret at the same place, and an override of the
  // same name, replace what was there.
  void add(const Hints& later);
};

// The value at a path as text; nothing if there is none.
using ValueText = std::function<std::optional<std::string>(const ValuePath&)>;

// Evidence::kHint, rule H1 for references and H2 for what stands among the values. What does not
// stand there is unresolved (template-string, no-tag, invalid-name). `app_version` is taken where
// there is no tag.
Discovery hinted_images(const Hints& hints, const ValueText& value_at = {},
                        std::string_view app_version = {});

}  // namespace tote::bundle::discover
