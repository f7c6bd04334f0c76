#include "chart/chart_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/printable.h"

#include <fmt/format.h>

namespace tote::chart {

void ChartBudget::take_entry(std::string_view origin) {
  if (entries_ == 0)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: more than {} entries", origin, kMaxChartEntries));
  --entries_;
}

void ChartBudget::take_bytes(std::uint64_t bytes, std::string_view origin) {
  if (bytes > bytes_)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: files of more than {} MiB", origin, kMaxChartSize >> 20U));
  bytes_ -= bytes;
}

namespace {

class FileSource final : public Source {
 public:
  explicit FileSource(const File& file) : file_(file) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const std::size_t count = file_.read_at(out, offset_);
    offset_ += count;
    return count;
  }

 private:
  const File& file_;
  std::uint64_t offset_ = 0;
};

}  // namespace

ChartFiles read_chart_files(const std::filesystem::path& path, ChartBudget& budget) {
  // A pipe is not opened, which would wait for who writes to it.
  const auto type = std::filesystem::status(path).type();
  if (type == std::filesystem::file_type::directory) return read_chart_directory(path, budget);
  if (type != std::filesystem::file_type::regular && std::filesystem::exists(path))
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' is neither a directory nor a file", printable(path.string())));
  const FilePtr file = open_for_reading(path);
  FileSource source(*file);
  return read_chart_archive(source, path.string(), budget);
}

}  // namespace tote::chart
