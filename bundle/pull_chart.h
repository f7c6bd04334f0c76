// From a chart to files.
#pragma once

#include "bundle/output_directory.h"
#include "chart/chart_package.h"

#include <filesystem>

namespace tote::bundle {

enum class ChartForm {
  kUnpacked,  // its files below NAME/
  kPackage,   // NAME-VERSION.tgz, and NAME-VERSION.tgz.prov if there is one: byte for byte
};

struct ChartOutput {
  std::filesystem::path directory;
  std::filesystem::path home = {};  // as of PullRequest
  Replaces replaces = Replaces::kOwn;
  ChartForm form = ChartForm::kUnpacked;
};

// Replaces the directory when all is written; before that, and on any failure, it is as it was.
void write_chart(const chart::ChartPackage& package, const ChartOutput& output);

}  // namespace tote::bundle
