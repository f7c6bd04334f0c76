#include "bundle/discover/group_rules.h"

#include "bundle/discover/image_parts.h"
#include "bundle/discover/key_words.h"

#include <algorithm>
#include <array>

namespace tote::bundle::discover {
namespace {

// Settings of a group beside its images.
constexpr std::array<std::string_view, 15> kSettings{
    "registry",        "tag",        "version", "repository",  "pullpolicy",
    "imagepullpolicy", "pullsecret", "hub",     "pullsecrets", "prefix",
    "suffix",          "digest",     "release", "name",        "namespace"};

bool is_setting(std::string_view key) {
  return std::find(kSettings.begin(), kSettings.end(), folded(key)) != kSettings.end();
}

Part member(const MapScope& scope, std::string_view key, const chart::Value& value) {
  ValuePath path = scope.path;
  path.emplace_back(key);
  return part_of(value, std::move(path));
}

bool has_letter_or_dot(std::string_view tag) {
  return std::any_of(tag.begin(), tag.end(), [](char c) { return c < '0' || c > '9'; });
}

// With a path, and a tag that is more than a port, or a digest.
bool is_reference(std::string_view text) {
  if (text.find('/') == std::string_view::npos || text.size() > 512) return false;
  if (is_no_image(text) || is_template(text)) return false;
  const std::optional<ImageName> name = ImageName::parse(text);
  return name && (!name->digest.empty() || has_letter_or_dot(name->tag));
}

}  // namespace

bool is_strong_reference(std::string_view text) {
  const std::string_view host = text.substr(0, text.find('/'));
  return host.find('.') != std::string_view::npos && is_reference(text);
}

void take_strong_reference(const MapScope& scope, std::string_view key, const chart::Value& value) {
  if (!value.is_scalar() || value.type() != YamlType::kText ||
      value.text().find('/') == std::string::npos)
    return;
  const Part part = member(scope, key, value);
  // With a key like "imageEnvoy" a host is not asked for.
  const bool is_one =
      is_strong_reference(part.text) || (says_image(key) && is_reference(part.text));
  if (!is_one) return;
  if (scope.is_artifact || says_artifact(key)) {
    add_report(scope, part.path, "oci-artifact",
               "it looks like an artifact that is no image: name it in hints if it is one",
               part.text);
    return;
  }
  add_image(scope, {.rule = "V10",
                    .form = Form::kReference,
                    .repository = part,
                    .certainty = says_image(key) ? Certainty::kMedium : Certainty::kLow});
}

void take_of_images(const MapScope& scope, std::string_view key, const chart::Value& value) {
  if (!value.is_scalar() || value.type() != YamlType::kText || is_setting(key)) return;
  const Part part = part_of(value, scope.path);
  if (is_no_image(part.text)) return;
  const TakenApart inside = take_apart(part.text);
  const bool is_complete = !inside.tag.empty() || !inside.digest.empty();
  ImageParts parts{.rule = "V3",
                   .form = is_complete ? Form::kReference : Form::kPair,
                   .repository = part,
                   .certainty = Certainty::kMedium};
  // A word may be anything: "images: {format: png}".
  parts.may_lack_tag = inside.name.find('/') == std::string::npos;
  parts.wants_app_version = !parts.may_lack_tag;
  add_image(scope, parts);
}

}  // namespace tote::bundle::discover
