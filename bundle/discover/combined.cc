// What is done with what was combined.
#include "base/error.h"
#include "bundle/discover/combine.h"
#include "bundle/discover/combined_report.h"
#include "bundle/discover/report_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace tote::bundle::discover {
namespace {

constexpr std::size_t kMaxNamed = 10;  // in one message

template <class Item>
void append(std::vector<Item>& to, std::vector<Item> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// The same image of several parts is one.
void merge_images(std::vector<CombinedImage>& images) {
  std::map<ImageName, CombinedImage> merged;
  for (CombinedImage& image : images) {
    const auto [place, is_new] = merged.try_emplace(image.name, image);
    if (is_new) continue;
    append(place->second.found, std::move(image.found));
    if (image.optional.empty()) place->second.optional.clear();
  }
  images.clear();
  for (auto& [name, image] : merged) images.push_back(std::move(image));
}

std::string place_of(const std::string& chart, const std::string& path, const std::string& where) {
  const std::string place = path.empty() ? where : path;
  return chart.empty() ? place : fmt::format("{}: {}", chart, place);
}

// "a, b and 3 more".
std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (std::size_t i = 0; i < std::min(texts.size(), kMaxNamed); ++i)
    list += (i == 0 ? "" : "; ") + texts[i];
  if (texts.size() > kMaxNamed) list += fmt::format("; and {} more", texts.size() - kMaxNamed);
  return list;
}

void refuse_unresolved(const Combined& combined) {
  if (combined.unresolved.empty()) return;
  std::vector<std::string> texts;
  for (const UnresolvedImage& image : combined.unresolved)
    texts.push_back(fmt::format("{} ({}: {})",
                                place_of(image.chart, path_text(image.path), image.where),
                                image.code, image.reason));
  throw Error(ErrorKind::kParse,
              fmt::format("{} {} can not be told: {}", texts.size(),
                          texts.size() == 1 ? "image" : "images", list_of(texts)))
      .with_hint("name them with --hints, or pass --allow-unresolved");
}

void refuse_unknown_codes(const std::vector<std::string>& codes) {
  for (const std::string& code : codes) {
    if (find_report_code(code) != nullptr) continue;
    std::string known;
    for (const ReportCode& one : report_codes())
      known += fmt::format("{}{}", known.empty() ? "" : ", ", one.code);
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no code of a report", code))
        .with_hint("codes are: " + known);
  }
}

void refuse_codes(const Combined& combined, const std::vector<std::string>& codes) {
  std::vector<std::string> texts;
  for (const ReportItem& item : combined.report)
    if (std::find(codes.begin(), codes.end(), item.code) != codes.end())
      texts.push_back(fmt::format(
          "{}: {}", item.code,
          item.image.empty() ? item.path + ": " + item.message : item.image + ": " + item.message));
  if (texts.empty()) return;
  throw Error(ErrorKind::kParse,
              fmt::format("the report has what --fail-on names: {}", list_of(texts)));
}

void add_places(const CombinedImage& image, std::vector<ChartImage>& images) {
  const std::size_t before = images.size();
  for (const FoundImage& found : image.found)
    if (!found.path.empty())
      images.push_back({.id = image.id(),
                        .place = {.chart = found.chart,
                                  .path = found.path,
                                  .form = found.form,
                                  .fields = found.fields},
                        .is_optional = !image.optional.empty(),
                        .source = found.evidence});
  if (images.size() == before)
    images.push_back({.id = image.id(),
                      .is_optional = !image.optional.empty(),
                      .source = image.found.front().evidence});
}

}  // namespace

Combined merge(std::vector<Combined> parts) {
  Combined all;
  for (Combined& part : parts) {
    append(all.chosen, std::move(part.chosen));
    append(all.left_out, std::move(part.left_out));
    append(all.ignored, std::move(part.ignored));
    append(all.unresolved, std::move(part.unresolved));
    append(all.unresolved_optional, std::move(part.unresolved_optional));
    append(all.pull_secrets, std::move(part.pull_secrets));
    append(all.lists, std::move(part.lists));
    append(all.checking, std::move(part.checking));
    append(all.report, std::move(part.report));
  }
  merge_images(all.chosen);
  merge_images(all.left_out);
  merge_images(all.ignored);
  std::erase_if(all.left_out, [&](const CombinedImage& image) {
    return std::any_of(all.chosen.begin(), all.chosen.end(),
                       [&](const CombinedImage& chosen) { return chosen.name == image.name; });
  });
  report_versions(all);
  std::sort(all.report.begin(), all.report.end());
  return all;
}

void enforce(const Combined& combined, const Policy& policy) {
  refuse_unknown_codes(policy.fail_on);
  if (!policy.allow_unresolved) refuse_unresolved(combined);
  refuse_codes(combined, policy.fail_on);
}

ChartFile chart_file(const Combined& combined, std::vector<ChartName> charts) {
  ChartFile file{
      .charts = std::move(charts), .pull_secrets = combined.pull_secrets, .lists = combined.lists};
  for (ChartName& chart : file.charts)
    chart.checks_images = std::find(combined.checking.begin(), combined.checking.end(),
                                    chart.name) != combined.checking.end();
  for (const CombinedImage& image : combined.chosen) add_places(image, file.images);
  for (const CombinedImage& image : combined.ignored) file.ignored.push_back(image.id());
  for (const UnresolvedImage& image : combined.unresolved)
    file.unresolved.push_back({.chart = image.chart, .path = image.path, .reason = image.reason});
  return file;
}

}  // namespace tote::bundle::discover
