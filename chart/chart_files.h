// The files that a chart is made of, from a directory or an archive, without trusting a name in it.
#pragma once

#include "base/stream.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace tote::chart {

inline constexpr std::uint64_t kMaxChartSize = 100U << 20U;     // bytes of all files
inline constexpr std::uint64_t kMaxChartFileSize = 16U << 20U;  // bytes of one
inline constexpr std::size_t kMaxChartEntries = 10'000;

// What is left of the bounds: one for a chart together with all archives in its charts/.
class ChartBudget {
 public:
  // Error{kParse} about `origin` if there is more than may be. `name` is printable.
  void take_entry(std::string_view origin);
  void take_bytes(std::uint64_t bytes, std::string_view origin);

 private:
  std::size_t entries_ = kMaxChartEntries;
  std::uint64_t bytes_ = kMaxChartSize;
};

struct ChartFiles {
  std::string origin;  // for messages: the path or name of the directory or archive
  // By the path below the chart's directory: "Chart.yaml", "templates/deployment.yaml". Paths are
  // relative, clean, and have no "..". Contents are as they are.
  std::map<std::string, std::string, std::less<>> files = {};
};

// What is at `path`: a directory, without what its .helmignore leaves out, or an archive, which is
// recognised by its content. Error{kIo, kParse}, kUsage for what is neither.
ChartFiles read_chart_files(const std::filesystem::path& path, ChartBudget& budget);
// Links that lead out of the directory are refused, those inside of it are followed.
ChartFiles read_chart_directory(const std::filesystem::path& path, ChartBudget& budget);
// A tar, plain or compressed by gzip, with everything below one directory, whose name does not
// count. Names that are absolute or lead out, links, devices, and what is there twice are refused.
ChartFiles read_chart_archive(Source& archive, std::string origin, ChartBudget& budget);

}  // namespace tote::chart
