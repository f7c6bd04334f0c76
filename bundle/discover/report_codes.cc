#include "bundle/discover/report_codes.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote::bundle::discover {
namespace {

using enum Severity;

constexpr std::array kCodes{
    ReportCode{"ambiguous-version", kWarning,
               "a value's image was rendered with several tags, and none of them is the value's"},
    ReportCode{"bad-annotation", kWarning,
               "an annotation of Chart.yaml that lists images can not be read"},
    ReportCode{"boolean-tag", kWarning, "a tag without quotes is yes or no for YAML"},
    ReportCode{"built-image", kError, "kbld builds the image from sources, which tote does not do"},
    ReportCode{"chart-skipped", kWarning, "a chart was not looked through"},
    ReportCode{"digest-mismatch", kError, "a tag has another digest than the one that is declared"},
    ReportCode{"image-in-templates", kWarning,
               "the templates name an image, or a part of its name, themselves"},
    ReportCode{"image-modifier", kWarning,
               "a switch such as distroless changes the image in the templates"},
    ReportCode{"implicit-latest", kWarning, "an image has neither tag nor digest"},
    ReportCode{"inherits", kNote, "an image is empty and taken from another place of the values"},
    ReportCode{"injected-image", kError, "the image is put in when the pod starts"},
    ReportCode{"invalid-name", kError, "what stands where an image should is no name of one"},
    ReportCode{"kubernetes-version", kError, "the tag is the version of the cluster"},
    ReportCode{"latest-tag", kWarning, "the tag 'latest' is another image tomorrow"},
    ReportCode{"moved-tag", kWarning, "a tag leads to another image than the lock before said"},
    ReportCode{"multi-version", kWarning, "the same repository is there with several tags"},
    ReportCode{"name-in-templates", kError, "the templates put a name behind the repository"},
    ReportCode{"no-tag", kError, "there is neither a tag nor a version to take for it"},
    ReportCode{"not-an-image", kNote, "what stands where an image should is something else"},
    ReportCode{"not-found", kError, "no registry has the image"},
    ReportCode{"not-rendered", kNote,
               "the chart was not rendered, so that what its templates do is not known"},
    ReportCode{"numeric-tag", kNote, "a tag without quotes is a number for YAML"},
    ReportCode{"oci-artifact", kNote, "it looks like an OCI artifact that is no image"},
    ReportCode{"optional", kNote, "an image is not needed as the values are, and left out"},
    ReportCode{"other-candidate", kWarning,
               "the name that was looked for first is nowhere, and another one was taken"},
    ReportCode{"platform-digest", kNote,
               "a digest is that of a single platform, so the tag counts"},
    ReportCode{"platform-selection", kWarning, "kbld selects a platform for the image"},
    ReportCode{"registry-order", kWarning,
               "two registries are given, and charts differ in which one counts"},
    ReportCode{"render-failed", kWarning, "Helm could not render the chart"},
    ReportCode{"root-image-empty", kWarning, "the chart's main image is not among its values"},
    ReportCode{"several-digests", kWarning, "one tag is declared with several digests"},
    ReportCode{"subchart-missing", kWarning, "a dependency of the chart is not in its folder"},
    ReportCode{"subchart-version", kWarning,
               "a subchart has another version than the lock of the chart says"},
    ReportCode{"tag-fallback", kWarning, "another tag than the one that is named was taken"},
    ReportCode{"tag-selection", kError, "kbld selects a tag from a range"},
    ReportCode{"tag-suffix", kError, "the templates put something behind the tag"},
    ReportCode{"template-string", kError, "the value is a template"},
    ReportCode{"values-only", kWarning, "an image of the values was not rendered"},
};

static_assert(std::is_sorted(kCodes.begin(), kCodes.end(),
                             [](const ReportCode& a, const ReportCode& b) {
                               return a.code < b.code;
                             }));

}  // namespace

std::span<const ReportCode> report_codes() noexcept {
  return kCodes;
}

const ReportCode* find_report_code(std::string_view code) noexcept {
  const auto found = std::find_if(kCodes.begin(), kCodes.end(),
                                  [&](const ReportCode& known) { return known.code == code; });
  return found == kCodes.end() ? nullptr : &*found;
}

ReportItem report_item(std::string_view code, ReportPlace place, std::string message) {
  const ReportCode* known = find_report_code(code);
  if (known == nullptr)
    throw Error(ErrorKind::kInternal, fmt::format("'{}' is no code of a report", code));
  return {.code = std::string(code),
          .severity = known->severity,
          .chart = std::move(place.chart),
          .path = std::move(place.path),
          .image = std::move(place.image),
          .message = std::move(message)};
}

std::string_view name_of(Severity severity) noexcept {
  switch (severity) {
    case kNote:
      return "note";
    case kWarning:
      return "warning";
    case kError:
      return "error";
  }
  return "";
}

std::string report_text(const Report& report) {
  std::string text;
  for (const ReportItem& item : report) {
    text += fmt::format("{} {}", name_of(item.severity), item.code);
    if (!item.chart.empty()) text += fmt::format(" [{}]", item.chart);
    if (!item.image.empty()) text += " " + item.image;
    text += ": " + item.message;
    if (!item.path.empty()) text += fmt::format(" ({})", item.path);
    text += "\n";
  }
  return printable(text);
}

std::string report_json(const Report& report) {
  JsonWriter json({.indent = 2});
  json.begin_array();
  for (const ReportItem& item : report)
    json.begin_object()
        .member("code", item.code)
        .member("severity", name_of(item.severity))
        .member("chart", item.chart)
        .member("path", item.path)
        .member("ref", item.image)
        .member("message", item.message)
        .end_object();
  json.end_array();
  return json.take() + "\n";
}

}  // namespace tote::bundle::discover
