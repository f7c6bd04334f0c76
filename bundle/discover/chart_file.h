// .imgpkg/chart.yml: which value each image of a bundle came from (docs/formats.md).
#pragma once

#include "bundle/discover/image_place.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

inline constexpr std::size_t kMaxChartFileSize = std::size_t{16} << 20U;

struct ChartName {
  std::string name;
  std::string version = {};
  std::string app_version = {};
  // It, or a chart in it, refuses images that are not its own unless it is told not to.
  bool checks_images = false;

  friend auto operator<=>(const ChartName&, const ChartName&) = default;
};

struct ChartImage {
  std::string id;  // the reference, as the annotation kbld.carvel.dev/id of the lock has it
  ImagePlace place = {};
  bool is_optional = false;  // as the values were
  Evidence source = Evidence::kGiven;

  friend auto operator<=>(const ChartImage&, const ChartImage&) = default;
};

struct UnresolvedPlace {
  std::string chart = {};
  ValuePath path = {};
  std::string reason = {};

  friend auto operator<=>(const UnresolvedPlace&, const UnresolvedPlace&) = default;
};

// A list that is not empty and has an image, or names of secrets, in it: Helm replaces lists whole,
// so whoever changes one item needs them all.
struct ChartList {
  std::string chart = {};  // the outermost one
  ValuePath path = {};
  std::string items = {};  // as YAML

  friend auto operator<=>(const ChartList&, const ChartList&) = default;
};

struct ChartFile {
  std::vector<ChartName> charts = {};
  std::vector<ChartImage> images = {};
  std::vector<PullSecretPlace> pull_secrets = {};
  std::vector<ChartList> lists = {};
  std::vector<std::string> ignored = {};  // references that were found and left out by name
  std::vector<UnresolvedPlace> unresolved = {};

  // Strict: Error{kParse} with the line.
  static ChartFile parse(std::string_view text, std::string_view origin);
  // Lists are sorted, and what occurs twice is there once: the same bytes for the same content.
  std::string encode() const;
};

}  // namespace tote::bundle::discover
