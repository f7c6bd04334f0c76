#include "bundle/discover/template_images.h"

#include "base/text.h"
#include "bundle/discover/image_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tote::bundle::discover {
namespace {

constexpr std::size_t kMaxImages = 1000;
constexpr std::size_t kMaxText = 300;

bool is_of_tests(std::string_view text) {
  for (std::size_t at = 0; (at = text.find("helm.sh/hook", at)) != std::string_view::npos; ++at) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    if (line.starts_with("helm.sh/hook\":") || line.starts_with("helm.sh/hook:"))
      if (line.find("test") != std::string_view::npos) return true;
  }
  return false;
}

// What stands behind "image:", without quotes; empty: the line is no such.
std::string_view image_text(std::string_view line) {
  line = trim(line);
  if (line.starts_with("- ")) line = trim(line.substr(2));
  constexpr std::string_view kKey = "image:";
  if (!line.starts_with(kKey)) return {};
  line = trim(line.substr(kKey.size()));
  if (const std::size_t comment = line.find(" #"); comment != std::string_view::npos)
    line = trim(line.substr(0, comment));
  const bool is_quoted = line.size() > 2 && (line.front() == '"' || line.front() == '\'') &&
                         line.back() == line.front();
  return is_quoted ? line.substr(1, line.size() - 2) : line;
}

// `text` with each template as one "\x01".
std::string without_templates(std::string_view text) {
  std::string rest;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find("{{"), text.size());
    rest += text.substr(0, begin);
    if (begin == text.size()) break;
    const std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) return {};
    rest += '\x01';
    text.remove_prefix(end + 2);
  }
  return rest;
}

bool has_fixed_part(std::string_view text) {
  if (text.find("{{") == std::string_view::npos) return ImageName::parse(text).has_value();
  const std::string rest = without_templates(text);
  for (std::size_t at = 0; (at = rest.find('/', at)) != std::string::npos; ++at)
    if (at + 1 < rest.size() && rest[at + 1] >= 'a' && rest[at + 1] <= 'z') return true;
  return false;
}

}  // namespace

std::vector<TemplateImage> find_template_images(const chart::Chart& chart) {
  constexpr std::string_view kTemplates = "templates/";
  std::vector<TemplateImage> images;
  std::set<std::string, std::less<>> known;
  for (auto it = chart.files.lower_bound(kTemplates);
       it != chart.files.end() && it->first.starts_with(kTemplates); ++it) {
    if (it->first.ends_with(".txt") || is_of_tests(it->second)) continue;
    std::size_t number = 0;
    for (const std::string& line : split(it->second, '\n')) {
      ++number;
      const std::string_view text = image_text(line);
      if (text.empty() || text.size() > kMaxText || !has_fixed_part(text)) continue;
      if (images.size() < kMaxImages && known.emplace(text).second)
        images.push_back({std::string(text), fmt::format("{}, line {}", it->first, number)});
    }
  }
  return images;
}

}  // namespace tote::bundle::discover
