#include "bundle/finding.h"

#include <algorithm>
#include <tuple>

namespace tote::bundle {

std::string_view name_of(FindingKind kind) noexcept {
  switch (kind) {
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kExtra:
      return "extra";
    case FindingKind::kChanged:
      return "changed";
    case FindingKind::kCorrupt:
      return "corrupt";
    case FindingKind::kUnsigned:
      return "unsigned";
  }
  return "";
}

void sort_findings(std::vector<Finding>& findings) {
  const auto key = [](const Finding& finding) { return std::tie(finding.what, finding.kind); };
  std::sort(findings.begin(), findings.end(),
            [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
  findings.erase(std::unique(findings.begin(), findings.end(),
                             [](const Finding& a, const Finding& b) { return a.is_same_as(b); }),
                 findings.end());
}

}  // namespace tote::bundle
