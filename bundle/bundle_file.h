// .imgpkg/bundle.yml: what a bundle is called and where it comes from, for people and for imgpkg,
// which reads no more of it than that it is there (docs/formats.md).
#pragma once

#include "chart/chart_metadata.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// With which it begins: what does not is somebody else's.
inline constexpr std::string_view kBundleFileHead = "# tote lock writes this file anew.\n";

// Of charts: the name and version of the first, the people and pages of all.
std::string encode_bundle_file(const std::vector<chart::ChartMetadata>& charts);

}  // namespace tote::bundle
