// Charts that are not packed.
#include "base/directory.h"
#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/printable.h"
#include "chart/chart_files.h"
#include "chart/ignore_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <sys/stat.h>

namespace tote::chart {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxDepth = 64;

class DirectoryFiles {
 public:
  DirectoryFiles(const fs::path& root, ChartBudget& budget)
      : root_(root),
        real_root_(real_path(root)),
        budget_(budget),
        chart_{printable(root.string())} {}

  ChartFiles read() {
    const fs::path ignore_file = root_ / ".helmignore";
    struct stat status {};
    if (::stat(ignore_file.c_str(), &status) == 0)
      rules_ = IgnoreRules::parse(read_file(ignore_file, kMaxChartFileSize), ignore_file.string());
    add_directory("", 0);
    return std::move(chart_);
  }

 private:
  [[noreturn]] void refuse(const std::string& name, std::string_view what) const {
    throw Error(ErrorKind::kParse,
                fmt::format("{}: '{}' {}", chart_.origin, printable(name), what));
  }

  // `below`: a path with a "/" behind it, or nothing.
  void add_directory(const std::string& below, std::size_t depth) {
    if (depth == kMaxDepth) refuse(below, fmt::format("is more than {} deep", kMaxDepth));
    std::vector<DirectoryEntry> entries = list_directory((root_ / below).string());
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const DirectoryEntry& entry : entries) add(below + entry.name, entry.type, depth);
  }

  void add(const std::string& name, mode_t type, std::size_t depth) {
    if (type == S_IFLNK) type = type_behind_link(name);
    if (rules_.ignores(name, type == S_IFDIR)) return;
    budget_.take_entry(chart_.origin);
    if (type == S_IFDIR)
      add_directory(name + "/", depth + 1);
    else if (type == S_IFREG)
      add_file(name);
    else
      refuse(name, "is neither a file nor a directory");
  }

  mode_t type_behind_link(const std::string& name) const {
    struct stat status {};
    if (::stat((root_ / name).c_str(), &status) != 0)
      refuse(name, "is a link that leads nowhere or in a circle");
    if (!is_same_or_below(root_ / name, real_root_) &&
        !rules_.ignores(name, S_ISDIR(status.st_mode)))
      refuse(name, "is a link that leads out of the chart");
    return status.st_mode & S_IFMT;
  }

  void add_file(const std::string& name) {
    const fs::path path = root_ / name;
    if (open_for_reading(path)->size() > kMaxChartFileSize)
      refuse(name, fmt::format("is larger than {} MiB", kMaxChartFileSize >> 20U));
    std::string content = read_file(path, kMaxChartFileSize);
    budget_.take_bytes(content.size(), chart_.origin);
    chart_.files.emplace(name, std::move(content));
  }

  const fs::path root_;
  const fs::path real_root_;
  ChartBudget& budget_;
  IgnoreRules rules_;
  ChartFiles chart_;
};

}  // namespace

ChartFiles read_chart_directory(const fs::path& path, ChartBudget& budget) {
  return DirectoryFiles(path, budget).read();
}

}  // namespace tote::chart
