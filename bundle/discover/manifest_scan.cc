#include "bundle/discover/manifest_scan.h"

#include "base/text.h"
#include "bundle/discover/kbld_origins.h"
#include "bundle/discover/object_scan.h"
#include "bundle/discover/resource.h"
#include "bundle/discover/yaml_fields.h"

#include <map>
#include <string>

namespace tote::bundle::discover {
namespace {

// What Helm writes above each document: "# Source: root/charts/child/templates/a.yaml".
struct Source {
  std::size_t offset;
  std::string chart;  // "root/child"
};

std::string chart_of(std::string_view path) {
  std::string chart;
  const std::vector<std::string> parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size() && parts[i] != "templates" && parts[i] != "crds"; ++i) {
    const bool is_folder = parts[i] == "charts" && i % 2 == 1;
    if (!is_folder) chart += (chart.empty() ? "" : "/") + parts[i];
  }
  return chart;
}

std::vector<Source> sources_of(const Yaml& document) {
  constexpr std::string_view kSource = "# Source: ";
  std::vector<Source> sources;
  for (const auto& [begin, text] : document.comments())
    if (begin.column == 1 && text.starts_with(kSource))
      sources.push_back(
          {begin.offset, chart_of(trim(std::string_view(text).substr(kSource.size())))});
  return sources;
}

class Scan {
 public:
  Scan(const KbldConfig& kbld, ManifestScan& result) : kbld_(kbld), result_(result) {}

  void look_through(const std::vector<Yaml>& documents) {
    if (documents.empty()) return;
    const std::vector<Source> sources = sources_of(documents.front());
    std::size_t next = 0;
    for (const Yaml& document : documents) {
      for (; next < sources.size() && sources[next].offset < document.begin_mark().offset; ++next)
        chart_ = sources[next].chart;
      look_at(document);
    }
  }

 private:
  void look_at(const Yaml& document) {
    const Resource resource = Resource::of(document);
    if (resource.is_without_images()) return;
    if (resource.kind.ends_with("List") && !items_member(document, "items").empty()) {
      for (const Yaml& item : items_member(document, "items")) look_at(item);
      return;
    }
    const std::size_t first = result_.images.size();
    ObjectScan(resource, chart_, kbld_, result_).look_through(document);
    name_origins(kbld_origins(document), first);
  }

  void name_origins(const std::map<std::string, std::string>& origins, std::size_t first) {
    for (const auto& [url, original] : origins)
      for (std::size_t i = first; i < result_.images.size(); ++i)
        if (ImageName::parse(url) == result_.images[i].written)
          result_.images[i].found.original = original;
  }

  const KbldConfig& kbld_;
  ManifestScan& result_;
  std::string chart_;
};

}  // namespace

Discovery ManifestScan::discovery() const {
  Discovery discovery{.images = {}, .unresolved = unresolved, .report = report};
  for (const SeenImage& image : images) discovery.images.push_back(image.found);
  return discovery;
}

ManifestScan scan_manifests(std::string_view text, std::string_view origin,
                            const KbldConfig& kbld) {
  ManifestScan result;
  Scan(kbld, result).look_through(Yaml::parse_all(text, origin));
  return result;
}

}  // namespace tote::bundle::discover
