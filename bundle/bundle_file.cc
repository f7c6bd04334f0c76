#include "bundle/bundle_file.h"

#include "base/yaml_writer.h"

#include <algorithm>

namespace tote::bundle {
namespace {

std::string author_lines(const chart::Maintainer& maintainer) {
  std::string lines;
  if (!maintainer.email.empty()) lines += yaml_field("email", maintainer.email, 2);
  lines += yaml_field("name", maintainer.name, 2);
  lines[0] = '-';
  return lines;
}

std::string website_lines(const std::string& url) {
  return "- " + yaml_field("url", url, 2).substr(2);
}

template <class Item>
void add_once(std::vector<Item>& items, const Item& item) {
  if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
}

}  // namespace

std::string encode_bundle_file(const std::vector<chart::ChartMetadata>& charts) {
  std::vector<std::string> authors;
  std::vector<std::string> websites;
  for (const chart::ChartMetadata& chart : charts) {
    for (const chart::Maintainer& maintainer : chart.maintainers)
      add_once(authors, author_lines(maintainer));
    if (!chart.home.empty()) add_once(websites, website_lines(chart.home));
    for (const std::string& source : chart.sources) add_once(websites, website_lines(source));
  }
  std::string text = std::string(kBundleFileHead) + "---\n" +
                     yaml_field("apiVersion", "imgpkg.carvel.dev/v1alpha1", 0);
  if (!authors.empty()) text += "authors:\n";
  for (const std::string& author : authors) text += author;
  text += yaml_field("kind", "Bundle", 0) + "metadata:\n" +
          yaml_field("name", charts.front().name, 2) +
          yaml_field("version", charts.front().version, 2);
  if (!websites.empty()) text += "websites:\n";
  for (const std::string& website : websites) text += website;
  return text;
}

}  // namespace tote::bundle
