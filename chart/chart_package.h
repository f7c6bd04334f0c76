// A chart as one file, as it is kept in repositories of charts and in registries.
#pragma once

#include "chart/chart.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace tote::chart {

inline constexpr std::uint64_t kMaxPackageSize = 100U << 20U;   // bytes
inline constexpr std::uint64_t kMaxProvenanceSize = 4U << 20U;  // bytes

struct ChartPackage {
  std::string bytes;            // a tar, compressed by gzip
  ChartPtr chart;               // what is in it
  std::string provenance = {};  // of the signer, as it is; empty: there is none

  // "NAME-VERSION.tgz"
  std::string file_name() const;
};

// A file as it is, with the FILE.prov beside it; a directory is packed: sorted, without times and
// owners, so that the same files always give the same bytes. Errors of load_chart(); kParse for an
// archive that gzip has not compressed, since no registry's reader takes it.
ChartPackage package_chart(const std::filesystem::path& path);
// `origin`: for messages.
ChartPackage read_package(std::string bytes, const std::string& origin);
// The tags of registries have no '+'.
std::string tag_of_version(std::string version);

}  // namespace tote::chart
