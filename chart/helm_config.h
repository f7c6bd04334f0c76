// What Helm puts beside a chart in a registry: its metadata as JSON.
#pragma once

#include "chart/chart.h"

#include <string>
#include <string_view>

namespace tote::chart {

// The bytes of the config as `helm push` writes them: the members of Chart.yaml in Helm's order,
// for charts of version 1 the dependencies of requirements.yaml, texts without line breaks and
// other characters that do not print.
std::string encode_helm_config(const Chart& chart);
// A text of Chart.yaml without those, as Helm reads most of them: blanks of all kinds become ' '.
std::string helm_text(std::string_view text);

}  // namespace tote::chart
