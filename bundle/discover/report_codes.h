// The codes of reports: one table, of which docs/charts.md is the copy for people.
#pragma once

#include "bundle/discover/report.h"

#include <span>
#include <string>
#include <string_view>

namespace tote::bundle::discover {

struct ReportCode {
  std::string_view code;
  Severity severity;
  std::string_view meaning;  // one sentence
};

// Sorted by code.
std::span<const ReportCode> report_codes() noexcept;
// Null: there is no such code.
const ReportCode* find_report_code(std::string_view code) noexcept;

struct ReportPlace {
  std::string chart = {};
  std::string path = {};
  std::string image = {};
};
// With the severity of its code, which has to be in the table: anything else is Error{kInternal}.
ReportItem report_item(std::string_view code, ReportPlace place, std::string message);

std::string_view name_of(Severity severity) noexcept;

// "warning latest-tag docker.io/x:latest: the tag ... (path)", one line each.
std::string report_text(const Report& report);
// An array of objects with the six members of an item, all of them texts (docs/machine-output.md).
std::string report_json(const Report& report);

}  // namespace tote::bundle::discover
