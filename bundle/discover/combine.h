// From what was found in several ways to one list of images: section "What is chosen" of
// docs/charts.md.
#pragma once

#include "bundle/discover/chart_file.h"
#include "bundle/discover/discovery.h"
#include "bundle/discover/hints.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

struct CombineOptions {
  // The manifests are all that the chart makes, so what they do not name is not needed.
  bool is_rendered = false;
  bool include_optional = false;
  bool include_embedded = false;             // texts that others interpret: rule R5
  std::vector<std::string> ignore = {};      // patterns, as of hints
  std::vector<NameOverride> overrides = {};  // the first that applies counts
};

// One image, and all that names it.
struct CombinedImage {
  ImageName name;                     // the first candidate
  std::vector<ImageName> candidates;  // the first that exists is meant
  std::vector<FoundImage> found;      // never empty
  std::string optional = {};          // why it is not needed; empty: it is

  // What it was called before kbld or an override changed it; its name otherwise.
  std::string id() const;
};

struct Combined {
  std::vector<CombinedImage> chosen = {};    // each list is sorted by name
  std::vector<CombinedImage> left_out = {};  // not needed
  std::vector<CombinedImage> ignored = {};
  std::vector<UnresolvedImage> unresolved = {};           // that are needed
  std::vector<UnresolvedImage> unresolved_optional = {};  // that are not, or that rendering shows
  std::vector<PullSecretPlace> pull_secrets = {};
  std::vector<ChartList> lists = {};       // in which there are some of these: value_lists.h
  std::vector<std::string> checking = {};  // outermost charts: ChartName::checks_images
  Report report = {};                      // sorted
};

// `found` are those of one chart, or of manifests and lists without one.
Combined combine(const std::vector<Discovery>& found, const CombineOptions& options = {});
// One after the other: several charts in one lock.
Combined merge(std::vector<Combined> parts);

struct Policy {
  std::vector<std::string> fail_on = {};  // codes of reports
  bool allow_unresolved = false;
};
// Error{kParse} that names what is wrong; Error{kUsage} for a code that does not exist.
void enforce(const Combined& combined, const Policy& policy);

// What is to be written beside the lock of the chosen images.
ChartFile chart_file(const Combined& combined, std::vector<ChartName> charts);

}  // namespace tote::bundle::discover
