// A chart with the charts inside of it, as it lies there: before anybody has said with which values
// it is to be used (configured_chart.h).
#pragma once

#include "chart/chart_files.h"
#include "chart/chart_metadata.h"
#include "chart/value.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tote::chart {

inline constexpr std::size_t kMaxChartDepth = 20;  // charts in charts
inline constexpr std::size_t kMaxCharts = 1'000;   // in one, itself included

struct Chart;
using ChartPtr = std::shared_ptr<const Chart>;

// Immutable.
struct Chart {
  std::string place;  // "charts/redis": from the outermost chart; empty: this is the outermost
  ChartMetadata metadata;
  std::vector<LockedDependency> locked = {};  // of Chart.lock or requirements.lock
  ValuePtr defaults = {};                     // values.yaml, an empty mapping without one
  // All of its own files but those below charts/; by path: "templates/web.yaml".
  std::map<std::string, std::string, std::less<>> files = {};
  std::vector<ChartPtr> charts = {};  // what lies in charts/, in the order of names
};

// Reads a directory or an archive. Error{kParse, kIo, kUsage} with file and line.
ChartPtr load_chart(const std::filesystem::path& path);
// `files` as they were read, with `budget`, which is used for the archives among them.
ChartPtr load_chart(ChartFiles files, ChartBudget& budget);

}  // namespace tote::chart
