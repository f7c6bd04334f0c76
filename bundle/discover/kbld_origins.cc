#include "bundle/discover/kbld_origins.h"

#include "base/error.h"
#include "base/text.h"
#include "bundle/discover/kbld_config.h"
#include "bundle/discover/yaml_fields.h"

#include <string_view>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kAnnotation = "kbld.k14s.io/images";

std::string with_tag(std::string url, const std::string& tag) {
  if (url.empty() || tag.empty() || without_tag_or_digest(url) != url) return url;
  return url + ":" + tag;
}

// Since 0.28 {resolved: {url, tag}}, before {Type: resolved, URL, Tag}.
std::string original_of(const Yaml& origin) {
  if (const std::optional<Yaml> resolved = member(origin, "resolved"))
    return with_tag(text_member(*resolved, "url"), text_member(*resolved, "tag"));
  if (to_lower(text_member(origin, "Type")) == "resolved")
    return with_tag(text_member(origin, "URL"), text_member(origin, "Tag"));
  return {};
}

void add_image(const Yaml& image, std::map<std::string, std::string>& origins) {
  for (const auto& [url_key, origins_key] :
       {std::pair("url", "origins"), std::pair("URL", "Metas"), std::pair("url", "metas")}) {
    const std::string url = text_member(image, url_key);
    if (url.empty()) continue;
    for (const Yaml& origin : items_member(image, origins_key)) {
      const std::string original = original_of(origin);
      if (!original.empty()) origins.emplace(url, original);
    }
  }
}

}  // namespace

std::map<std::string, std::string> kbld_origins(const Yaml& document) {
  std::map<std::string, std::string> origins;
  const std::optional<Yaml> annotations = member(document, {"metadata", "annotations"});
  const std::string text = annotations ? text_member(*annotations, kAnnotation) : "";
  if (text.empty()) return origins;
  try {
    const Yaml list = Yaml::parse(text, kAnnotation);
    if (list.kind() == Yaml::Kind::kList)
      for (const Yaml& image : list.items()) add_image(image, origins);
  } catch (const Error&) {
    // Not needed for anything but a nicer name.
  }
  return origins;
}

}  // namespace tote::bundle::discover
