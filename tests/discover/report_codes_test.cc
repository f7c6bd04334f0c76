#include "bundle/discover/report_codes.h"

#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <string>

namespace tote::bundle::discover {
namespace {

using testing::HasSubstr;

TEST(ReportCodes, AreAllInTheDocumentation) {
  const std::string page = read_file(std::filesystem::path(TOTE_TEST_DATA) / "../../docs/charts.md",
                                     std::size_t{1} << 20U);
  for (const ReportCode& code : report_codes())
    EXPECT_THAT(page, HasSubstr(fmt::format("| `{}` | {} | {} |\n", code.code,
                                            name_of(code.severity), code.meaning)));
}

TEST(ReportCodes, DecideHowSevereAnItemIs) {
  const ReportItem item = report_item("latest-tag", {.image = "r.io/a:latest"}, "moves");
  EXPECT_EQ(item.severity, Severity::kWarning);
  EXPECT_EQ(find_report_code("nonsense"), nullptr);
  EXPECT_THROW(report_item("nonsense", {}, ""), Error);
}

const Report kReport{
    report_item("latest-tag", {.chart = "root/a", .path = "web.image", .image = "r.io/a:latest"},
                "it moves"),
    report_item("not-rendered", {}, "odd \x1b[31m\"text\"")};

TEST(Reports, AreTextForPeople) {
  EXPECT_EQ(report_text(kReport),
            "warning latest-tag [root/a] r.io/a:latest: it moves (web.image)\n"
            "note not-rendered: odd \\x1b[31m\"text\"\n");
  EXPECT_EQ(report_text({}), "");
}

TEST(Reports, AreJsonForPrograms) {
  EXPECT_EQ(report_json({kReport[0]}),
            "[\n  {\n    \"code\": \"latest-tag\",\n    \"severity\": \"warning\",\n"
            "    \"chart\": \"root/a\",\n    \"path\": \"web.image\",\n"
            "    \"ref\": \"r.io/a:latest\",\n    \"message\": \"it moves\"\n  }\n]\n");
  EXPECT_EQ(report_json({}), "[]\n");
}

}  // namespace
}  // namespace tote::bundle::discover
