// Charts of a few texts, searched for images.
#pragma once

#include "tests/chart/chart_text.h"
#include "tests/discover/shown_discovery.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

using Files = std::map<std::string, std::string, std::less<>>;
using Lines = std::vector<std::string>;

// `files` without a Chart.yaml are of a chart "app" whose app has the version 7.8.9.
inline Discovery scan_files(Files files, std::string_view user = "") {
  if (!files.contains("Chart.yaml"))
    files["Chart.yaml"] = chart::chart_yaml("app", "appVersion: 7.8.9\n");
  return scan_values(
      chart::configure_chart(chart::chart_of(std::move(files)), chart::values(user)));
}

inline Lines scan(const std::string& values, const std::string& templates = "") {
  return shown(scan_files({{"values.yaml", values}, {"templates/a.yaml", templates}}));
}

}  // namespace tote::bundle::discover
