// What kbld is told of images, and what it would make of them.
#include "bundle/discover/kbld_rules.h"
#include "bundle/discover/object_scan.h"
#include "bundle/discover/report_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace tote::bundle::discover {

bool ObjectScan::is_for_kbld(const std::string& key, const Yaml& value) {
  if (kbld_.is_empty()) return false;
  const std::string text = value.text();
  const KbldRule* rule = first_match(kbld_.rules, path_, key, text);
  static const KbldRule kOwn{.key = "image"};
  if (rule == nullptr && key == kOwn.key) rule = &kOwn;
  if (rule == nullptr) return false;
  if (rule->update == KbldRule::Update::kEntireValue) add_for_kbld(value, 0, text.size());
  if (rule->update != KbldRule::Update::kNone)
    for (const InnerText& inner : find_inside(text, rule->inner))
      add_for_kbld(value, inner.offset, inner.length);
  return true;
}

void ObjectScan::add_for_kbld(const Yaml& value, std::size_t offset, std::size_t length) {
  const std::string text = value.text().substr(offset, length);
  const std::optional<ImageName> name = ImageName::parse(text);
  if (name) return add(*name, {{value, offset, length}}, {"kbld", Certainty::kHigh});
  if (!text.empty())
    add_unresolved(value, "invalid-name", fmt::format("'{}' is no name of an image", text));
}

bool ObjectScan::change_for_kbld(SeenImage& image) {
  const ImageSpot& spot = image.spots.front();
  if (kbld_.is_empty() || spot.part != ImageSpot::Part::kReference) return true;
  const std::string text = spot.scalar.text().substr(spot.offset, spot.length);
  const auto is_meant = [&](const KbldOverride& change) { return applies(change, text); };
  const auto change = std::find_if(kbld_.overrides.begin(), kbld_.overrides.end(), is_meant);
  if (change == kbld_.overrides.end()) {
    const bool is_built = std::any_of(kbld_.built.begin(), kbld_.built.end(), is_meant);
    if (is_built)
      add_unresolved(spot.scalar, "built-image", fmt::format("kbld builds '{}' from sources", text),
                     image.found.optional);
    return !is_built;
  }
  const std::optional<ImageName> name = ImageName::parse(change->new_image);
  if (change->has_tag_selection || !name) {
    add_unresolved(spot.scalar, change->has_tag_selection ? "tag-selection" : "invalid-name",
                   fmt::format("kbld's override of '{}' names no single image", text),
                   image.found.optional);
    return false;
  }
  if (change->has_platform_selection)
    result_.report.push_back(
        report_item("platform-selection",
                    {.chart = image.found.chart, .path = image.found.where, .image = name->str()},
                    "kbld's override selects a platform, which --platform does here"));
  image.found.candidates = {*name};
  image.found.original = text;
  return true;
}

}  // namespace tote::bundle::discover
