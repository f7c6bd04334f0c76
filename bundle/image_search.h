// Looking for images in everything that people name: charts with their values, manifests, lists.
// docs/charts.md says what is found, and by which rules.
#pragma once

#include "base/environment.h"
#include "bundle/discover/combine.h"
#include "bundle/images_lock.h"
#include "chart/chart.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

// A chart, and the values that it is used with.
struct SearchedChart {
  chart::ChartPtr chart;
  std::filesystem::path path;               // where it lies, for Helm: a directory or an archive
  std::vector<std::string> values = {};     // files, the last one counts
  std::vector<std::string> sets = {};       // as --set has them
  std::vector<std::string> set_texts = {};  // as --set-string has them
  std::optional<LockedImage> locked = {};   // if it came out of a registry
};

// What its files and the values of the command line make together, as Helm puts them together, over
// which the chart's own come. Error{kParse, kIo, kUsage}.
chart::ValuePtr given_values(const SearchedChart& searched);

// A file that was read already, stdin for example.
struct SearchedText {
  std::string text;
  std::string origin;
};

enum class Render { kNever, kIfPossible, kAlways };

struct Rendering {
  // By Helm, where it is on the PATH. A chart that can not be rendered is an error with kAlways.
  Render render = Render::kIfPossible;
  std::string kube_version = {};  // empty: what Helm takes
  std::vector<std::string> api_versions = {};
};

struct ImageSearch {
  std::vector<SearchedChart> charts = {};
  std::vector<SearchedText> manifests = {};
  std::vector<SearchedText> lists = {};  // locks, or a reference a line
  std::vector<SearchedText> hints = {};  // the last one counts
  Rendering rendering = {};
  discover::CombineOptions combine = {};  // but for is_rendered
};

// The texts of a file, or of all YAML and JSON files below a directory, in the order of their
// names. Error{kIo}, Error{kUsage} for a directory without any.
std::vector<SearchedText> read_manifests(const std::filesystem::path& path);

struct SearchResult {
  discover::Combined images = {};
  std::vector<chart::ChartMetadata> charts = {};  // in the order of the search
};

// Each chart by itself, and the manifests and lists together. Error{kParse} with file and line.
SearchResult search_images(const ImageSearch& search, const Environment& environment,
                           std::stop_token stop);

}  // namespace tote::bundle
