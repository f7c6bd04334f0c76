#include "bundle/discover/combined_report.h"

#include "bundle/discover/report_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kMultiVersion = "multi-version";

ReportPlace place_of(const CombinedImage& image) {
  const FoundImage& first = image.found.front();
  return {.chart = first.chart,
          .path = first.path.empty() ? first.where : path_text(first.path),
          .image = image.name.str()};
}

ReportItem item_of(const UnresolvedImage& image) {
  ReportItem item{.code = image.code,
                  .severity = Severity::kError,
                  .chart = image.chart,
                  .path = image.path.empty() ? image.where : path_text(image.path),
                  .message = image.reason};
  if (image.optional.empty()) return item;
  item.severity = Severity::kNote;
  item.message += fmt::format("; not needed: {}", image.optional);
  return item;
}

std::string version_of(const ImageName& name) {
  if (!name.tag.empty()) return name.tag;
  return name.digest.empty() ? "latest" : name.digest;
}

void report_tags(const CombinedImage& image, Report& report) {
  if (!image.name.digest.empty()) return;
  if (image.name.tag.empty())
    report.push_back(report_item("implicit-latest", place_of(image),
                                 "it has neither tag nor digest, so 'latest' is meant"));
  else if (image.name.tag == "latest")
    report.push_back(
        report_item("latest-tag", place_of(image), "'latest' is another image tomorrow"));
}

}  // namespace

void add_report(Combined& result, bool is_rendered) {
  for (const CombinedImage& image : result.chosen) report_tags(image, result.report);
  for (const CombinedImage& image : result.left_out)
    result.report.push_back(report_item("optional", place_of(image), image.optional));
  for (const UnresolvedImage& image : result.unresolved) result.report.push_back(item_of(image));
  for (const UnresolvedImage& image : result.unresolved_optional)
    result.report.push_back(item_of(image));
  if (!is_rendered && !result.unresolved.empty())
    result.report.push_back(
        report_item("not-rendered", {.chart = result.unresolved.front().chart},
                    fmt::format("not rendered: {} unresolved", result.unresolved.size())));
  report_versions(result);
  std::sort(result.report.begin(), result.report.end());
  result.report.erase(std::unique(result.report.begin(), result.report.end()), result.report.end());
}

void report_versions(Combined& result) {
  std::erase_if(result.report, [](const ReportItem& item) { return item.code == kMultiVersion; });
  std::map<std::string, std::set<std::string>> versions;
  for (const CombinedImage& image : result.chosen)
    versions[image.name.repository_name()].insert(version_of(image.name));
  for (const auto& [repository, several] : versions) {
    if (several.size() < 2) continue;
    std::string list;
    for (const std::string& version : several) list += (list.empty() ? "" : ", ") + version;
    result.report.push_back(report_item(kMultiVersion, {.image = repository}, "used as " + list));
  }
}

}  // namespace tote::bundle::discover
