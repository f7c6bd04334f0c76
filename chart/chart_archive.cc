// Charts as `helm package` makes them.
#include "base/codec/tar_reader.h"
#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"
#include "chart/chart_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tote::chart {
namespace {

constexpr std::size_t kMaxName = 4096;

class ArchiveFiles {
 public:
  ArchiveFiles(Source& archive, const std::string& origin, ChartBudget& budget)
      : tar_(archive), budget_(budget), chart_{printable(origin)} {}

  ChartFiles read() {
    while (const std::optional<TarEntry> entry = tar_.next()) add(*entry);
    if (chart_.files.empty())
      throw Error(ErrorKind::kParse, fmt::format("'{}' holds no files", chart_.origin));
    return std::move(chart_);
  }

 private:
  [[noreturn]] void refuse(const TarEntry& entry, std::string_view what) const {
    throw Error(ErrorKind::kParse, fmt::format("{}: '{}' {}", chart_.origin,
                                               printable(entry.name.substr(0, kMaxName)), what));
  }

  void add(const TarEntry& entry) {
    budget_.take_entry(chart_.origin);
    const std::string name = checked_name(entry);
    if (entry.type == TarEntryType::kDirectory) return;
    if (entry.type != TarEntryType::kFile) refuse(entry, "is neither a file nor a directory");
    if (name.empty()) refuse(entry, "is not in a directory: charts are packed with theirs");
    if (entry.size > kMaxChartFileSize)
      refuse(entry, fmt::format("is larger than {} MiB", kMaxChartFileSize >> 20U));
    budget_.take_bytes(entry.size, chart_.origin);
    std::string content = read_all(tar_.content(), kMaxChartFileSize, name);
    if (!chart_.files.try_emplace(name, std::move(content)).second)
      refuse(entry, "is there more than once");
  }

  // Below the chart's directory; empty for that itself and for what is beside it.
  std::string checked_name(const TarEntry& entry) const {
    if (entry.name.size() > kMaxName) refuse(entry, "is too long a name");
    std::string name = entry.name;
    // Archives made on Windows.
    std::replace(name.begin(), name.end(), '\\', '/');
    if (name.starts_with('/')) refuse(entry, "is an absolute path");
    std::vector<std::string> parts = split(name, '/');
    std::erase_if(parts, [](const std::string& part) { return part.empty() || part == "."; });
    if (std::find(parts.begin(), parts.end(), "..") != parts.end())
      refuse(entry, "leads out of the chart");
    if (!parts.empty()) parts.erase(parts.begin());
    std::string clean;
    for (const std::string& part : parts) clean += (clean.empty() ? "" : "/") + part;
    if (clean.size() >= 2 && clean[1] == ':') refuse(entry, "has a drive in its name");
    return clean;
  }

  TarReader tar_;
  ChartBudget& budget_;
  ChartFiles chart_;
};

}  // namespace

ChartFiles read_chart_archive(Source& archive, std::string origin, ChartBudget& budget) {
  return while_doing([&] { return fmt::format("Reading chart '{}'", printable(origin)); },
                     [&] { return ArchiveFiles(archive, origin, budget).read(); });
}

}  // namespace tote::chart
