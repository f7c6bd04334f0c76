#include "bundle/discover/combine.h"

#include "bundle/discover/combined_report.h"
#include "bundle/discover/join_rendered.h"
#include "bundle/discover/name_pattern.h"
#include "bundle/discover/report_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace tote::bundle::discover {
namespace {

template <class Item>
void append(std::vector<Item>& to, std::vector<Item> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

template <class Item>
void sort_unique(std::vector<Item>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

Discovery together(const std::vector<Discovery>& found) {
  Discovery all;
  for (const Discovery& one : found) {
    append(all.images, one.images);
    append(all.unresolved, one.unresolved);
    append(all.pull_secrets, one.pull_secrets);
    append(all.report, one.report);
  }
  return all;
}

void change_name(FoundImage& image, const std::vector<NameOverride>& overrides) {
  for (const NameOverride& change : overrides) {
    std::optional<ImageName> name;
    for (const ImageName& candidate : image.candidates)
      if (!name) name = change.apply(candidate);
    if (!name) continue;
    if (image.original.empty()) image.original = image.candidates.front().str();
    image.candidates = {*name};
    return;
  }
}

// What a hint says of a place counts more than what was found there.
void obey_hints(Discovery& all) {
  std::map<std::pair<std::string, ValuePath>, ImageName> said;
  for (const FoundImage& image : all.images)
    if (image.evidence == Evidence::kHint && !image.path.empty())
      said.insert_or_assign({image.chart, image.path}, image.candidates.front());
  const auto hint_for = [&](const std::string& chart, const ValuePath& path) {
    const auto exact = said.find({chart, path});
    return exact != said.end() ? exact : said.find({"", path});
  };
  for (FoundImage& image : all.images)
    if (const auto hint = hint_for(image.chart, image.path);
        image.evidence == Evidence::kValues && hint != said.end())
      image.candidates = {hint->second};
  std::erase_if(all.unresolved, [&](const UnresolvedImage& image) {
    return image.evidence == Evidence::kValues && hint_for(image.chart, image.path) != said.end();
  });
}

// A digest for a tag is that of all that name the tag alone, unless there are several.
void share_digests(std::vector<FoundImage>& images, Report& report) {
  std::map<std::string, std::set<std::string>> digests;
  const auto tag_of = [](const ImageName& name) { return name.repository_name() + ":" + name.tag; };
  for (const FoundImage& image : images) {
    const ImageName& name = image.candidates.front();
    if (!name.tag.empty() && !name.digest.empty()) digests[tag_of(name)].insert(name.digest);
  }
  for (FoundImage& image : images) {
    ImageName& name = image.candidates.front();
    const auto known = digests.find(tag_of(name));
    if (known != digests.end() && known->second.size() == 1) name.digest = *known->second.begin();
  }
  for (const auto& [tag, several] : digests)
    if (several.size() > 1)
      report.push_back(report_item("several-digests", {.image = tag},
                                   fmt::format("declared with {} digests", several.size())));
}

bool is_needed(const FoundImage& image, const CombineOptions& options) {
  return image.optional.empty() || (image.rule == "R5" && options.include_embedded);
}

void add_candidates(std::vector<ImageName>& to, const std::vector<ImageName>& more) {
  for (const ImageName& name : more)
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

std::vector<CombinedImage> grouped(std::vector<FoundImage> images, const CombineOptions& options) {
  std::map<ImageName, CombinedImage> groups;
  for (FoundImage& image : images) {
    const ImageName name = image.candidates.front();
    const auto [place, is_new] = groups.try_emplace(name, CombinedImage{name, {}, {}});
    CombinedImage& group = place->second;
    if (is_new || (!group.optional.empty() && image.evidence == Evidence::kRendered))
      group.optional = image.optional;
    if (is_needed(image, options)) group.optional.clear();
    add_candidates(group.candidates, image.candidates);
    group.found.push_back(std::move(image));
  }
  std::vector<CombinedImage> list;
  for (auto& [name, group] : groups) list.push_back(std::move(group));
  return list;
}

bool fits_any(const std::vector<std::string>& patterns, const std::string& text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits_pattern(pattern, text); });
}

// By its name, or by all of the places among the values that name it.
bool is_ignored(const CombinedImage& image, const std::vector<std::string>& patterns) {
  if (fits_any(patterns, image.name.str()) || fits_any(patterns, image.id())) return true;
  bool has_path = false;
  for (const FoundImage& found : image.found) {
    if (found.path.empty()) continue;
    if (!fits_any(patterns, path_text(found.path))) return false;
    has_path = true;
  }
  return has_path;
}

void divide(std::vector<CombinedImage> images, const CombineOptions& options, Combined& result) {
  for (CombinedImage& image : images) {
    if (is_ignored(image, options.ignore))
      result.ignored.push_back(std::move(image));
    else if (image.optional.empty() || options.include_optional)
      result.chosen.push_back(std::move(image));
    else
      result.left_out.push_back(std::move(image));
  }
}

// What the values do not say, the manifests do, if they are all that the chart makes.
void divide(std::vector<UnresolvedImage> images, const CombineOptions& options, Combined& result) {
  for (UnresolvedImage& image : images) {
    if (!image.path.empty() && fits_any(options.ignore, path_text(image.path))) continue;
    if (options.is_rendered && image.evidence == Evidence::kValues && image.optional.empty())
      image.optional = "what was rendered shows it";
    (image.optional.empty() ? result.unresolved : result.unresolved_optional)
        .push_back(std::move(image));
  }
}

}  // namespace

std::string CombinedImage::id() const {
  for (const FoundImage& image : found)
    if (!image.original.empty()) return image.original;
  return name.str();
}

Combined combine(const std::vector<Discovery>& found, const CombineOptions& options) {
  Discovery all = together(found);
  Combined result{.pull_secrets = std::move(all.pull_secrets), .report = std::move(all.report)};
  for (FoundImage& image : all.images) change_name(image, options.overrides);
  obey_hints(all);
  if (options.is_rendered) join_rendered(all.images, result.report);
  share_digests(all.images, result.report);
  divide(grouped(std::move(all.images), options), options, result);
  divide(std::move(all.unresolved), options, result);
  sort_unique(result.pull_secrets);
  add_report(result, options.is_rendered);
  return result;
}

}  // namespace tote::bundle::discover
