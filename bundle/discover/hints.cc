#include "bundle/discover/hints.h"

#include "bundle/discover/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kKind = "ImageHints";

ImageName read_name(const Yaml& node, const std::string& text) {
  const std::optional<ImageName> name = ImageName::parse(text);
  if (!name) refuse(node, fmt::format("'{}' is no name of an image", text));
  return *name;
}

HintImage read_image(const Yaml& node) {
  StrictMap map(node);
  HintImage image{.where = node.where()};
  const std::string reference = map.text("ref");
  if (!reference.empty()) image.name = read_name(node, reference);
  image.place = take_place(map);
  image.tag_prefix = map.text("tagPrefix");
  image.is_optional = map.is_true("optional");
  map.finish();
  if (!image.name && image.place.path.empty()) refuse(node, "an image needs 'ref' or 'path'");
  if (image.name && !image.tag_prefix.empty())
    refuse(node, "'tagPrefix' is for tags that stand among values, not beside 'ref'");
  return image;
}

NameOverride read_override(const Yaml& node) {
  StrictMap map(node);
  NameOverride change{read_name(node, map.required_text("from")),
                      read_name(node, map.required_text("to"))};
  map.finish();
  return change;
}

std::string read_pattern(const Yaml& node) {
  if (!is_scalar(node) || node.text().empty()) refuse(node, "expected a pattern");
  return node.text();
}

Hints of_chart_file(const ChartFile& file, std::string_view origin) {
  Hints hints{.ignore = file.ignored, .pull_secrets = file.pull_secrets};
  for (const ChartImage& image : file.images)
    hints.images.push_back({.name = ImageName::parse(image.id),
                            .place = image.place,
                            .is_optional = image.is_optional,
                            .where = std::string(origin)});
  return hints;
}

template <class Item, class Same>
void replace_or_add(std::vector<Item>& items, const Item& later, const Same& is_same) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const Item& item) { return is_same(item, later); });
  if (found == items.end())
    items.push_back(later);
  else
    *found = later;
}

bool is_same_place(const HintImage& a, const HintImage& b) {
  return !a.place.path.empty() && a.place.chart == b.place.chart && a.place.path == b.place.path;
}

// What stands among the values at the place of a hint.
class AtPlace {
 public:
  AtPlace(const HintImage& hint, const ValueText& value_at, std::string_view app_version)
      : hint_(hint), value_at_(value_at), app_version_(app_version) {}

  std::string text() const {
    const FormFields& fields = hint_.place.fields;
    std::string repository = at(fields.repository);
    if (repository.empty()) repository = at(hint_.place.path);
    if (const std::string name = at(fields.name); !name.empty())
      repository += (repository.empty() ? "" : "/") + name;
    if (const std::string registry = at(fields.registry); !registry.empty())
      repository.insert(0, registry + "/");
    std::string tag = at(fields.tag);
    const std::string digest = at(fields.digest);
    if (tag.empty() && digest.empty() && !fields.tag.empty()) tag = app_version_;
    if (!tag.empty()) repository += ":" + hint_.tag_prefix + tag;
    if (!digest.empty()) repository += (fields.is_bare_digest ? "@sha256:" : "@") + digest;
    return repository;
  }

 private:
  std::string at(const ValuePath& path) const {
    return path.empty() || !value_at_ ? "" : value_at_(path).value_or("");
  }

  const HintImage& hint_;
  const ValueText& value_at_;
  std::string_view app_version_;
};

FoundImage found(const HintImage& hint, const ImageName& name) {
  return {.candidates = {name},
          .evidence = Evidence::kHint,
          .rule = hint.name ? "H1" : "H2",
          .certainty = Certainty::kHigh,
          .chart = hint.place.chart,
          .path = hint.place.path,
          .form = hint.place.form,
          .fields = hint.place.fields,
          .where = hint.where,
          .optional = hint.is_optional ? "the hints say so" : ""};
}

}  // namespace

std::optional<ImageName> NameOverride::apply(const ImageName& name) const {
  const bool is_any = from.tag.empty() && from.digest.empty();
  const bool is_meant = name.repository_name() == from.repository_name() &&
                        (is_any || (name.tag == from.tag && name.digest == from.digest));
  if (!is_meant) return std::nullopt;
  ImageName changed = to;
  if (to.tag.empty() && to.digest.empty()) {
    changed.tag = name.tag;
    changed.digest = name.digest;
  }
  return changed;
}

Hints Hints::parse(std::string_view text, std::string_view origin) {
  const Yaml document = Yaml::parse(text, origin);
  if (text_member(document, "kind") == "ChartImages")
    return of_chart_file(ChartFile::parse(text, origin), origin);
  StrictMap map(document);
  map.take_head(kKind);
  Hints hints;
  for (const Yaml& item : map.items("images")) hints.images.push_back(read_image(item));
  for (const Yaml& item : map.items("ignore")) hints.ignore.push_back(read_pattern(item));
  for (const Yaml& item : map.items("pullSecrets"))
    hints.pull_secrets.push_back(read_pull_secret(item));
  for (const Yaml& item : map.items("override")) hints.overrides.push_back(read_override(item));
  map.finish();
  return hints;
}

void Hints::add(const Hints& later) {
  for (const HintImage& image : later.images) replace_or_add(images, image, is_same_place);
  ignore.insert(ignore.end(), later.ignore.begin(), later.ignore.end());
  for (const PullSecretPlace& place : later.pull_secrets)
    replace_or_add(pull_secrets, place,
                   [](const auto& a, const auto& b) { return a.path == b.path; });
  for (const NameOverride& change : later.overrides)
    replace_or_add(overrides, change,
                   [](const auto& a, const auto& b) { return a.from == b.from; });
}

Discovery hinted_images(const Hints& hints, const ValueText& value_at,
                        std::string_view app_version) {
  Discovery discovery{.images = {}, .pull_secrets = hints.pull_secrets};
  for (const HintImage& hint : hints.images) {
    if (hint.name) {
      discovery.images.push_back(found(hint, *hint.name));
      continue;
    }
    const std::string text = AtPlace(hint, value_at, app_version).text();
    const std::optional<ImageName> name = ImageName::parse(text);
    if (name) {
      discovery.images.push_back(found(hint, *name));
      continue;
    }
    discovery.unresolved.push_back(
        {.chart = hint.place.chart,
         .path = hint.place.path,
         .code = "invalid-name",
         .reason = fmt::format("'{}', which a hint takes for an image, is no name of one", text),
         .where = hint.where,
         .optional = hint.is_optional ? "the hints say so" : "",
         .evidence = Evidence::kHint});
  }
  return discovery;
}

}  // namespace tote::bundle::discover
