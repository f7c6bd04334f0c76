#include "bundle/discover/join_rendered.h"

#include "bundle/discover/report_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace tote::bundle::discover {
namespace {

using Rendered = std::map<std::string, std::vector<ImageName>>;  // by repository

Rendered rendered_of(const std::vector<FoundImage>& images) {
  Rendered rendered;
  for (const FoundImage& image : images) {
    if (image.evidence != Evidence::kRendered) continue;
    const ImageName& name = image.candidates.front();
    std::vector<ImageName>& names = rendered[name.repository_name()];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return rendered;
}

const std::vector<ImageName>* in_repository(const Rendered& rendered, const FoundImage& image) {
  for (const ImageName& candidate : image.candidates) {
    const auto found = rendered.find(candidate.repository_name());
    if (found != rendered.end()) return &found->second;
  }
  return nullptr;
}

std::string_view without_v(std::string_view tag) {
  if (tag.size() > 1 && tag[0] == 'v') tag.remove_prefix(1);
  return tag;
}

// "1.2", "v1.2" and "1.2-distroless".
bool is_variant(std::string_view a, std::string_view b) {
  a = without_v(a);
  b = without_v(b);
  return a.starts_with(b) || b.starts_with(a);
}

std::vector<ImageName> names_with(const std::vector<ImageName>& names, const FoundImage& image,
                                  bool (*fits)(std::string_view, std::string_view)) {
  std::vector<ImageName> found;
  for (const ImageName& candidate : image.candidates)
    for (const ImageName& name : names)
      if (name.repository_name() == candidate.repository_name() && fits(name.tag, candidate.tag))
        found.push_back(name);
  return found;
}

// The rendered names that may be the image. Templates change tags, but an image with a tag of its
// own, or one that is not needed, is no other version that happens to be there.
std::vector<ImageName> matches(const std::vector<ImageName>& names, const FoundImage& image) {
  const auto is_same = [](std::string_view a, std::string_view b) { return a == b; };
  if (std::vector<ImageName> same = names_with(names, image, is_same); !same.empty())
    return {same.front()};
  if (!image.optional.empty()) return {};
  std::vector<ImageName> variants = names_with(names, image, is_variant);
  if (!variants.empty() || image.certainty == Certainty::kHigh) return variants;
  return names;
}

ReportPlace place_of(const FoundImage& image) {
  return {
      .chart = image.chart, .path = path_text(image.path), .image = image.candidates.front().str()};
}

void leave_out(FoundImage& image, Report& report) {
  if (!image.optional.empty()) return;
  report.push_back(report_item("values-only", place_of(image),
                               "the values have it, what was rendered does not"));
  image.optional = kNotRendered;
}

void join(FoundImage& image, const Rendered& rendered, Report& report) {
  const std::vector<ImageName>* names = in_repository(rendered, image);
  const std::vector<ImageName> fitting =
      names == nullptr ? std::vector<ImageName>{} : matches(*names, image);
  if (fitting.empty()) return leave_out(image, report);
  if (fitting.size() > 1)
    report.push_back(report_item("ambiguous-version", place_of(image),
                                 fmt::format("rendered with {} tags, of which '{}' is taken for it",
                                             fitting.size(), fitting.front().tag)));
  image.candidates = {fitting.front()};
  // Whether it is needed, what was rendered says.
  if (image.optional.empty()) image.optional = kNotRendered;
}

}  // namespace

void join_rendered(std::vector<FoundImage>& images, Report& report) {
  const Rendered rendered = rendered_of(images);
  for (FoundImage& image : images)
    if (image.evidence == Evidence::kValues) join(image, rendered, report);
}

}  // namespace tote::bundle::discover
