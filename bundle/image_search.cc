#include "bundle/image_search.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "bundle/discover/chart_annotations.h"
#include "bundle/discover/helm.h"
#include "bundle/discover/image_lists.h"
#include "bundle/discover/manifest_scan.h"
#include "bundle/discover/report_codes.h"
#include "bundle/discover/value_lists.h"
#include "bundle/discover/values_scan.h"
#include "chart/configured_chart.h"
#include "chart/merge_values.h"
#include "chart/set_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

namespace fs = std::filesystem;
using discover::Discovery;

constexpr std::uint64_t kMaxManifests = 256U << 20U;
constexpr std::uint64_t kMaxValues = 16U << 20U;

bool holds_manifests(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

// ---- what charts list themselves ----------------------------------------------------------------

// The first of the paths that leads to yes or no counts.
bool is_condition_true(const chart::Value& values, std::string_view condition) {
  for (const std::string& path : split(condition, ',')) {
    const chart::Value* value = values.find_path(trim(path));
    if (value != nullptr && value->type() == YamlType::kBool) return value->is(true);
  }
  return true;
}

// A chart's, and those of the charts in it that are used.
void add_listed(const chart::ConfiguredChart& chart, std::vector<Discovery>& found) {
  const auto& files = chart.chart->files;
  const discover::ChartState state{
      .is_true =
          [&](std::string_view condition) { return is_condition_true(*chart.values, condition); },
      .is_enabled =
          [&](std::string_view name) {
            return std::any_of(
                chart.subcharts.begin(), chart.subcharts.end(),
                [&](const auto& inner) { return inner.name == name && inner.disabled.empty(); });
          }};
  if (const auto file = files.find("Chart.yaml"); file != files.end())
    found.push_back(
        discover::annotated_images(file->second, chart.place + "/Chart.yaml", chart.place, state));
  for (const std::string_view name : discover::kLockFileNames)
    if (const auto file = files.find(name); file != files.end())
      found.push_back(discover::locked_images(file->second, fmt::format("{}/{}", chart.place, name),
                                              chart.place));
  for (const chart::ConfiguredChart& inner : chart.subcharts)
    if (inner.disabled.empty()) add_listed(inner, found);
}

// ---- hints --------------------------------------------------------------------------------------

const chart::Value* step(const chart::Value& value, const std::string& part) {
  if (!value.is_list()) return value.find(part);
  const auto position = parse_number(part);
  const bool is_there = position && *position < value.items().size();
  return is_there ? value.items()[static_cast<std::size_t>(*position)].get() : nullptr;
}

const chart::Value* value_in(const chart::Value* value, std::span<const std::string> path) {
  for (const std::string& part : path) {
    if (value == nullptr) return nullptr;
    value = step(*value, part);
  }
  return value;
}

// The values of a subchart are its own: what its parent says of them, and its defaults.
const chart::Value* value_at(const chart::ConfiguredChart& chart,
                             std::span<const std::string> path) {
  for (const chart::ConfiguredChart& inner : chart.subcharts)
    if (path.size() > 1 && inner.name == path.front()) return value_at(inner, path.subspan(1));
  return value_in(chart.values.get(), path);
}

bool is_about(const discover::HintImage& hint, const chart::ConfiguredChart& chart) {
  const std::string& place = hint.place.chart;
  return place.empty() || place == chart.place || place.starts_with(chart.place + "/");
}

Discovery hinted(const discover::Hints& hints, const chart::ConfiguredChart& chart) {
  discover::Hints own = hints;
  std::erase_if(own.images, [&](const auto& hint) { return !is_about(hint, chart); });
  return discover::hinted_images(
      own,
      [&](const discover::ValuePath& path) -> std::optional<std::string> {
        const chart::Value* value = value_at(chart, path);
        if (value == nullptr || !value->is_scalar()) return std::nullopt;
        return value->text();
      },
      chart.chart->metadata.app_version);
}

discover::Hints read_hints(const std::vector<SearchedText>& texts) {
  discover::Hints hints;
  for (const SearchedText& text : texts) hints.add(discover::Hints::parse(text.text, text.origin));
  return hints;
}

// ---- all together -------------------------------------------------------------------------------

class Search {
 public:
  Search(const ImageSearch& search, const Environment& environment, const std::stop_token& stop)
      : search_(search),
        environment_(environment),
        stop_(stop),
        hints_(read_hints(search.hints)),
        combine_(search.combine) {
    combine_.ignore.insert(combine_.ignore.end(), hints_.ignore.begin(), hints_.ignore.end());
    combine_.overrides.insert(combine_.overrides.end(), hints_.overrides.begin(),
                              hints_.overrides.end());
  }

  SearchResult run() {
    check_charts();
    for (const SearchedChart& chart : search_.charts) look_into(chart);
    if (!search_.manifests.empty() || !search_.lists.empty() || search_.charts.empty())
      look_into_texts();
    return {discover::merge(std::move(parts_)), std::move(charts_)};
  }

 private:
  // Places among values, and files of a bundle, are told apart by the names of charts.
  void check_charts() const {
    std::set<std::string> names;
    for (const SearchedChart& searched : search_.charts)
      if (const std::string& name = searched.chart->metadata.name; !names.insert(name).second)
        throw Error(ErrorKind::kUsage, fmt::format("two charts are called '{}'", name))
            .with_hint("lock each by itself");
    if (names.empty()) return;
    for (const discover::HintImage& hint : hints_.images) {
      const std::string root = hint.place.chart.substr(0, hint.place.chart.find('/'));
      if (!root.empty() && !names.contains(root))
        throw Error(ErrorKind::kUsage,
                    fmt::format("{}: it is about chart '{}', which is not looked into", hint.where,
                                hint.place.chart));
    }
  }

  void look_into(const SearchedChart& searched) {
    const chart::ConfiguredChart configured =
        chart::configure_chart(searched.chart, given_values(searched));
    std::vector<Discovery> found = {discover::scan_values(configured)};
    add_listed(configured, found);
    found.push_back(hinted(hints_, configured));
    const std::optional<Discovery> rendered = render(searched, configured, found.front().report);
    discover::CombineOptions options = combine_;
    options.is_rendered = rendered.has_value();
    if (rendered) found.push_back(*rendered);
    parts_.push_back(discover::combine(found, options));
    discover::add_value_lists(configured, parts_.back());
    charts_.push_back(searched.chart->metadata);
  }

  std::optional<Discovery> render(const SearchedChart& searched,
                                  const chart::ConfiguredChart& chart,
                                  discover::Report& report) const {
    const Rendering& how = search_.rendering;
    const bool is_possible = discover::has_helm(environment_);
    if (how.render == Render::kAlways && !is_possible)
      throw Error(ErrorKind::kUsage, "--render always needs 'helm', which is not on the PATH");
    if (how.render == Render::kNever || !is_possible) return std::nullopt;
    const discover::Rendering rendered = discover::render_with_helm(
        {.chart = searched.path,
         .values_files = {searched.values.begin(), searched.values.end()},
         .sets = searched.sets,
         .set_texts = searched.set_texts,
         .kube_version = how.kube_version,
         .api_versions = how.api_versions,
         .stop = stop_},
        environment_);
    if (rendered.manifests)
      return discover::scan_manifests(*rendered.manifests, chart.place).discovery();
    if (how.render == Render::kAlways)
      throw Error(ErrorKind::kParse,
                  fmt::format("Rendering chart '{}': {}", chart.place, rendered.failure));
    report.push_back(
        discover::report_item("render-failed", {.chart = chart.place}, rendered.failure));
    return std::nullopt;
  }

  // What no chart makes.
  void look_into_texts() {
    discover::KbldConfig kbld;
    for (const SearchedText& text : search_.manifests)
      for (const Yaml& document : Yaml::parse_all(text.text, text.origin)) kbld.add(document);
    std::vector<Discovery> found;
    for (const SearchedText& text : search_.manifests)
      found.push_back(discover::scan_manifests(text.text, text.origin, kbld).discovery());
    for (const SearchedText& text : search_.lists)
      found.push_back(discover::listed_images(text.text, text.origin));
    if (search_.charts.empty()) found.push_back(discover::hinted_images(hints_));
    discover::CombineOptions options = combine_;
    options.is_rendered = true;
    parts_.push_back(discover::combine(found, options));
  }

  const ImageSearch& search_;
  const Environment& environment_;
  const std::stop_token& stop_;
  const discover::Hints hints_;
  discover::CombineOptions combine_;
  std::vector<discover::Combined> parts_ = {};
  std::vector<chart::ChartMetadata> charts_ = {};
};

}  // namespace

std::vector<SearchedText> read_manifests(const fs::path& path) {
  const auto read = [](const fs::path& file) {
    return SearchedText{read_file(file.string(), kMaxManifests), file.string()};
  };
  if (!fs::is_directory(path)) return {read(path)};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && holds_manifests(entry.path())) files.push_back(entry.path());
  if (files.empty())
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' has no file that ends in .yaml, .yml or .json", path.string()));
  std::sort(files.begin(), files.end());
  std::vector<SearchedText> texts;
  for (const fs::path& file : files) texts.push_back(read(file));
  return texts;
}

chart::ValuePtr given_values(const SearchedChart& searched) {
  chart::ValueBudget budget;
  chart::ValuePtr values = chart::Value::map({});
  for (const std::string& file : searched.values)
    values = while_doing(
        [&] { return fmt::format("Reading values '{}'", file); },
        [&] {
          return chart::overlay_values(
              values, chart::read_values(read_file(file, kMaxValues), file, budget), budget);
        });
  for (const std::string& text : searched.sets)
    values = chart::set_values(values, text, chart::SetAs::kTyped, budget);
  for (const std::string& text : searched.set_texts)
    values = chart::set_values(values, text, chart::SetAs::kString, budget);
  return values;
}

SearchResult search_images(const ImageSearch& search, const Environment& environment,
                           std::stop_token stop) {
  return Search(search, environment, stop).run();
}

}  // namespace tote::bundle
