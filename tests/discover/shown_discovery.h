// What was found, as lines that tests compare.
#pragma once

#include "bundle/discover/values_scan.h"
#include "chart/user_values.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// "+ REFERENCE PATH FORM RULE" of each image, "-" for what is optional, "~" behind a reference that
// has others to be tried after it; "? CODE PATH" of what is unresolved, "?-" if it is optional;
// "secret PATH FORM"; "note CODE PATH" of the report but for what is inherited.
inline std::vector<std::string> shown(const Discovery& found) {
  std::vector<std::string> lines;
  for (const FoundImage& image : found.images) {
    std::string line = image.optional.empty() ? "+ " : "- ";
    line += image.candidates.front().str() + (image.candidates.size() > 1 ? "~ " : " ");
    line += path_text(image.path) + " ";
    line += name_of(image.form);
    lines.push_back(line + " " + image.rule);
  }
  for (const UnresolvedImage& image : found.unresolved)
    lines.push_back((image.optional.empty() ? "? " : "?- ") + image.code + " " +
                    path_text(image.path));
  for (const PullSecretPlace& place : found.pull_secrets)
    lines.push_back("secret " + path_text(place.path) + " " + std::string(name_of(place.form)));
  for (const ReportItem& item : found.report)
    if (item.code != "inherits") lines.push_back("note " + item.code + " " + item.path);
  return lines;
}

inline std::vector<std::string> inherited(const Discovery& found) {
  std::vector<std::string> paths;
  for (const ReportItem& item : found.report)
    if (item.code == "inherits") paths.push_back(item.path);
  return paths;
}

}  // namespace tote::bundle::discover
