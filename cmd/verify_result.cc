#include "cmd/verify_result.h"

#include "base/json_writer.h"
#include "cmd/junit.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

using Findings = std::vector<bundle::Finding>;

std::string reason(const bundle::Finding& finding) {
  return finding.unrepaired.empty() ? finding.why
                                    : fmt::format("{}; nothing could be done about it: {}",
                                                  finding.why, finding.unrepaired);
}

std::string left_out_text(std::uint64_t layers) {
  return layers == 0 ? ""
                     : fmt::format("; {} {} left out, since it builds on another archive (--since)",
                                   layers, layers == 1 ? "layer is" : "layers are");
}

void write(JsonWriter& json, const char* key, const Findings& findings) {
  json.key(key).begin_array();
  for (const bundle::Finding& finding : findings)
    json.begin_object()
        .member("kind", bundle::name_of(finding.kind))
        .member("what", finding.what)
        .member("why", finding.why)
        .member_unless_empty("unrepaired", finding.unrepaired)
        .end_object();
  json.end_array();
}

}  // namespace

std::string VerifyResult::as_data(const std::string& place) const {
  JsonWriter json;
  json.begin_object().member("place", place).member("right", verified.findings.empty());
  write(json, "findings", verified.findings);
  write(json, "repaired", repaired);
  write(json, "removed", removed);
  return json.member("images", verified.images)
      .member("blobs", verified.blobs)
      .member("left_out", verified.left_out)
      .member("bytes_read", verified.bytes)
      .end_object()
      .take();
}

std::string VerifyResult::as_text(const std::string& place) const {
  std::string text;
  for (const bundle::Finding& finding : repaired)
    text += fmt::format("repaired: {}: it was {}\n", finding.what, bundle::name_of(finding.kind));
  for (const bundle::Finding& finding : removed)
    text += fmt::format("removed: {}: {}\n", finding.what, finding.why);
  for (const bundle::Finding& finding : verified.findings)
    text +=
        fmt::format("{}: {}: {}\n", bundle::name_of(finding.kind), finding.what, reason(finding));
  const std::string looked_at =
      fmt::format("{} images, {} blobs{}", verified.images, verified.blobs,
                  verified.bytes > 0 ? ", " + bytes_text(verified.bytes) + " read" : "");
  if (verified.findings.empty())
    return text + fmt::format("'{}' is as it should be: {}{}\n", place, looked_at,
                              left_out_text(verified.left_out));
  return text + fmt::format("'{}' is not as it should be: {} findings in {}\n", place,
                            verified.findings.size(), looked_at);
}

std::string VerifyResult::as_junit(const std::string& place) const {
  JunitReport report("tote verify " + place);
  for (const bundle::Finding& finding : verified.findings)
    report.add_failure(finding.what, std::string(bundle::name_of(finding.kind)), reason(finding));
  for (const bundle::Finding& finding : repaired)
    report.add_success(fmt::format("{} (repaired)", finding.what));
  for (const bundle::Finding& finding : removed)
    report.add_success(fmt::format("{} (removed)", finding.what));
  report.add_success(fmt::format("{} images, {} blobs", verified.images, verified.blobs));
  return report.text();
}

}  // namespace tote::cmd
