// Everything that was found out about the images of one chart, or of manifests.
#pragma once

#include "bundle/discover/found_image.h"
#include "bundle/discover/report.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

// An element that is an image, but of which one can not say which.
struct UnresolvedImage {
  std::string chart = {};
  ValuePath path = {};
  std::string code;    // "tag-suffix", "template-string": as in reports
  std::string reason;  // one sentence
  std::string where = {};
  std::string optional = {};  // as FoundImage::optional
  Evidence evidence = Evidence::kValues;
};

// In which way a chart takes the names of secrets for pulling.
enum class SecretForm {
  kListOfMaps,   // [{name: x}]
  kListOfTexts,  // [x]
  kEnabledName,  // {enabled: true, name: x}
  kText,         // x
};
std::string_view name_of(SecretForm form) noexcept;

struct PullSecretPlace {
  ValuePath path;
  SecretForm form = SecretForm::kListOfMaps;
  std::string chart = {};  // as FoundImage::chart

  friend auto operator<=>(const PullSecretPlace&, const PullSecretPlace&) = default;
};

struct Discovery {
  std::vector<FoundImage> images;  // in the order in which they were found
  std::vector<UnresolvedImage> unresolved = {};
  std::vector<PullSecretPlace> pull_secrets = {};
  Report report = {};
};

}  // namespace tote::bundle::discover
