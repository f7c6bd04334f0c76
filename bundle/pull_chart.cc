#include "bundle/pull_chart.h"

#include "base/error.h"
#include "base/temporary_file.h"

namespace tote::bundle {
namespace {

void unpack(const chart::ChartPackage& package, const std::filesystem::path& directory) {
  chart::ChartBudget budget;
  BytesSource bytes(package.bytes);
  for (const auto& [name, content] :
       chart::read_chart_archive(bytes, package.file_name(), budget).files) {
    const std::filesystem::path file = directory / package.chart->metadata.name / name;
    std::filesystem::create_directories(file.parent_path());
    replace_file(file, content, 0644);
  }
}

}  // namespace

void write_chart(const chart::ChartPackage& package, const ChartOutput& output) {
  OutputDirectory directory(resolve_output(output.directory, output.home), output.replaces);
  if (output.form == ChartForm::kUnpacked) {
    unpack(package, directory.path());
  } else {
    const std::filesystem::path file = directory.path() / package.file_name();
    replace_file(file, package.bytes, 0644);
    if (!package.provenance.empty())
      replace_file(file.string() + ".prov", package.provenance, 0644);
  }
  directory.commit();
}

}  // namespace tote::bundle
