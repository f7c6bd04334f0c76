#include "chart/chart_package.h"

#include "base/codec/gzip_writer.h"
#include "base/codec/tar_header.h"
#include "base/error.h"
#include "base/file.h"
#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::chart {
namespace {

void check_size(std::uint64_t size, const std::string& origin) {
  if (size > kMaxPackageSize)
    throw Error(ErrorKind::kParse, fmt::format("'{}' is larger than {} MiB", printable(origin),
                                               kMaxPackageSize >> 20U));
}

std::string pack(const std::string& name,
                 const std::map<std::string, std::string, std::less<>>& files) {
  StringSink packed;
  GzipWriter gzip(packed);
  for (const auto& [path, content] : files) {
    gzip.write(as_bytes(encode_tar_header(
        {.name = fmt::format("{}/{}", name, path), .mode = 0644, .size = content.size()})));
    gzip.write(as_bytes(content));
    gzip.write(as_bytes(std::string(tar_padding(content.size()), '\0')));
  }
  gzip.write(as_bytes(tar_end()));
  gzip.finish();
  return std::move(packed.text());
}

// The name is in Chart.yaml, which is read first.
ChartPackage package_directory(const std::filesystem::path& path) {
  ChartBudget budget;
  ChartFiles files = read_chart_directory(path, budget);
  ChartPtr chart = load_chart(files, budget);
  std::string bytes = pack(chart->metadata.name, files.files);
  check_size(bytes.size(), path.string());
  return {.bytes = std::move(bytes), .chart = std::move(chart)};
}

std::string provenance_beside(const std::filesystem::path& path) {
  std::filesystem::path file = path;
  file += ".prov";
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return {};
  std::string text = read_file(file, kMaxProvenanceSize);
  if (text.empty())
    throw Error(ErrorKind::kParse, fmt::format("'{}' is empty", printable(file.string())));
  return text;
}

}  // namespace

std::string ChartPackage::file_name() const {
  return fmt::format("{}-{}.tgz", chart->metadata.name, chart->metadata.version);
}

ChartPackage package_chart(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return package_directory(path);
  ChartPackage package = read_package(read_file(path, kMaxPackageSize), path.string());
  package.provenance = provenance_beside(path);
  return package;
}

ChartPackage read_package(std::string bytes, const std::string& origin) {
  check_size(bytes.size(), origin);
  if (!bytes.starts_with("\x1F\x8B"))
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' is no chart: it is not compressed by gzip", printable(origin)));
  ChartBudget budget;
  BytesSource source(bytes);
  ChartPtr chart = load_chart(read_chart_archive(source, origin, budget), budget);
  return {.bytes = std::move(bytes), .chart = std::move(chart)};
}

std::string tag_of_version(std::string version) {
  std::replace(version.begin(), version.end(), '+', '_');
  return version;
}

}  // namespace tote::chart
