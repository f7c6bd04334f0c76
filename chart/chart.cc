#include "chart/chart.h"

#include "base/error.h"
#include "base/printable.h"

#include <fmt/format.h>

namespace tote::chart {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

class Loader {
 public:
  explicit Loader(ChartBudget& budget) : budget_(budget) {}

  ChartPtr load(Files files, const std::string& place, std::size_t depth) {
    if (depth == kMaxChartDepth)
      throw Error(ErrorKind::kParse,
                  fmt::format("charts are more than {} deep in charts", kMaxChartDepth));
    if (++charts_ > kMaxCharts)
      throw Error(ErrorKind::kParse, fmt::format("more than {} charts in one", kMaxCharts));
    auto chart = std::make_shared<Chart>();
    chart->place = place;
    std::map<std::string, Files> inner = take_inner_files(files);
    chart->files = std::move(files);
    read_metadata(*chart);
    read_defaults(*chart);
    for (auto& [name, content] : inner)
      if (is_chart(name, content)) chart->charts.push_back(load_inner(name, content, place, depth));
    return chart;
  }

 private:
  // What is below charts/, by the first name there; a file has itself under "".
  static std::map<std::string, Files> take_inner_files(Files& files) {
    constexpr std::string_view kCharts = "charts/";
    std::map<std::string, Files> inner;
    for (auto it = files.lower_bound(kCharts);
         it != files.end() && it->first.starts_with(kCharts);) {
      const std::string path = it->first.substr(kCharts.size());
      const std::size_t slash = path.find('/');
      std::string rest = slash == std::string::npos ? "" : path.substr(slash + 1);
      inner[path.substr(0, slash)].emplace(std::move(rest), std::move(it->second));
      it = files.erase(it);
    }
    return inner;
  }

  // Helm leaves out names that begin with "_" or "."; files that are no archives are notes of
  // people.
  static bool is_chart(const std::string& name, const Files& files) {
    if (name.empty() || name.front() == '_' || name.front() == '.') return false;
    return !files.contains("") || name.ends_with(".tgz");
  }

  ChartPtr load_inner(const std::string& name, Files& files, const std::string& place,
                      std::size_t depth) {
    const std::string inner_place = (place.empty() ? "charts/" : place + "/charts/") + name;
    const auto archive = files.find("");
    if (archive != files.end()) {
      BytesSource bytes(archive->second);
      files = read_chart_archive(bytes, printable(inner_place), budget_).files;
    }
    return load(std::move(files), inner_place, depth + 1);
  }

  // As it is called in messages.
  static std::string file_name(const Chart& chart, std::string_view name) {
    return printable(chart.place.empty() ? std::string(name)
                                         : fmt::format("{}/{}", chart.place, name));
  }

  static void read_metadata(Chart& chart) {
    const auto file = chart.files.find("Chart.yaml");
    if (file == chart.files.end())
      throw Error(ErrorKind::kParse, chart.place.empty()
                                         ? std::string("it is no chart: there is no Chart.yaml")
                                         : fmt::format("'{}' is no chart: there is no Chart.yaml",
                                                       printable(chart.place)));
    chart.metadata = parse_chart_metadata(file->second, file_name(chart, "Chart.yaml"));
    read_requirements(chart);
    for (const char* name : {"requirements.lock", "Chart.lock"})
      if (const auto lock = chart.files.find(name); lock != chart.files.end())
        chart.locked = parse_chart_lock(lock->second, file_name(chart, name));
  }

  // Of charts of version 1; those of version 2 have their dependencies in Chart.yaml.
  static void read_requirements(Chart& chart) {
    const auto file = chart.files.find("requirements.yaml");
    if (chart.metadata.api_version != "v1" || file == chart.files.end()) return;
    chart.metadata.dependencies =
        parse_requirements(file->second, file_name(chart, "requirements.yaml"));
  }

  void read_defaults(Chart& chart) {
    const auto file = chart.files.find("values.yaml");
    chart.defaults = file == chart.files.end()
                         ? Value::map({})
                         : read_values(file->second, file_name(chart, "values.yaml"), values_);
  }

  ChartBudget& budget_;
  ValueBudget values_;
  std::size_t charts_ = 0;
};

}  // namespace

ChartPtr load_chart(const std::filesystem::path& path) {
  ChartBudget budget;
  return load_chart(read_chart_files(path, budget), budget);
}

ChartPtr load_chart(ChartFiles files, ChartBudget& budget) {
  const std::string origin = files.origin;
  return while_doing([&] { return fmt::format("Reading chart '{}'", printable(origin)); },
                     [&] { return Loader(budget).load(std::move(files.files), "", 0); });
}

}  // namespace tote::chart
