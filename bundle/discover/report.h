// What there is to say about images that were looked for: docs/charts.md lists the codes.
#pragma once

#include <string>
#include <vector>

namespace tote::bundle::discover {

enum class Severity { kNote, kWarning, kError };

struct ReportItem {
  std::string code;  // "latest-tag", "multi-version": stable, lower case
  Severity severity = Severity::kNote;
  std::string chart = {};    // as FoundImage::chart
  std::string path = {};     // among the values, or where in a file
  std::string image = {};    // a reference
  std::string message = {};  // one sentence

  friend auto operator<=>(const ReportItem&, const ReportItem&) = default;
};

using Report = std::vector<ReportItem>;

}  // namespace tote::bundle::discover
