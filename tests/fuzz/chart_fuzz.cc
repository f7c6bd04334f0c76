// Charts of anybody: an archive is read, put together and searched for images. What is found has a
// name that is one, and a place that can be shown.
#include "bundle/discover/values_scan.h"
#include "chart/chart_files.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;

void check_names(const chart::ChartFiles& files) {
  for (const auto& [name, content] : files.files) {
    fuzz::require(!name.empty() && name.front() != '/', "names are relative");
    fuzz::require(("/" + name + "/").find("/../") == std::string::npos, "names stay inside");
  }
}

void check(const bundle::discover::Discovery& found) {
  for (const auto& image : found.images) {
    fuzz::require(!image.candidates.empty(), "an image has a name");
    for (const auto& name : image.candidates)
      fuzz::require(bundle::discover::ImageName::parse(name.str()) == name,
                    "a name is read as it is written");
    fuzz::require(!bundle::discover::path_text(image.path).empty(), "an image has a place");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::allow_errors([&] {
    BytesSource source(fuzz::as_view(data, size));
    chart::ChartBudget budget;
    chart::ChartFiles files = chart::read_chart_archive(source, "chart.tgz", budget);
    check_names(files);
    const chart::ChartPtr chart = chart::load_chart(std::move(files), budget);
    check(bundle::discover::scan_values(chart::configure_chart(chart, chart::Value::map({}))));
  });
  return 0;
}
