#include "cmd/lock_flags.h"

#include "base/error.h"
#include "base/file.h"
#include "base/temporary_file.h"
#include "bundle/bundle_file.h"
#include "bundle/discover/report_codes.h"
#include "bundle/redact_hosts.h"
#include "cmd/platform_flags.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace tote::cmd {
namespace {

constexpr std::uint64_t kMaxText = 16U << 20U;

namespace discover = bundle::discover;

std::vector<bundle::LockedImage> locked_charts(const bundle::ImageSearch& search) {
  std::vector<bundle::LockedImage> charts;
  for (const bundle::SearchedChart& chart : search.charts) {
    if (!chart.locked)
      throw Error(ErrorKind::kUsage,
                  fmt::format("Expected chart '{}' to lie in a registry, for --with-chart",
                              chart.chart->metadata.name))
          .with_hint("put it there with 'tote push -c', and name it as oci://...");
    charts.push_back(*chart.locked);
  }
  return charts;
}

// With the images as they were found in registries.
LockedSearch lock_found(bundle::SearchResult found, const bundle::LockOptions& options,
                        registry::Client& client, const bundle::Session& session) {
  bundle::LockedNames locked = lock_images(found.images.chosen, client, options, session);
  found.images.chosen = std::move(locked.images);
  discover::Report& report = found.images.report;
  report.insert(report.end(), locked.report.begin(), locked.report.end());
  return {std::move(found), std::move(locked.lock)};
}

}  // namespace

void LockFlags::add_to(FlagSet& flags) {
  inputs.add_to(flags);
  flags.add_path("report", 0, report,
                 "File to write to what there is to say about the images: as JSON if it ends in "
                 ".json, else as text");
  flags.add_list("fail-on", 0, policy.fail_on, "Fail if the report has one of these codes");
  flags.add_bool("allow-unresolved", 0, policy.allow_unresolved,
                 "Go on without the images of which can not be told which they are");
  flags.add_list("tag-fallback", 0, lock.tag_fallback,
                 "Tags to try, in this order, where an image does not have its own");
  flags.add_bool("allow-missing", 0, lock.allow_missing, "Leave out images that no registry has");
  flags.add_bool("allow-digest-mismatch", 0, lock.allow_digest_mismatch,
                 "Lock the digest that is declared where its tag leads to another one");
  flags.add_bool("with-chart", 0, with_chart,
                 "Lock the charts themselves too, which have to lie in a registry");
  flags
      .add_map("redact-host", 0, redacted,
               "Write ALIAS for the host of a registry in names, reports and chart.yml, though not "
               "where the images are (format: HOST=ALIAS,...)")
      .checked_by([this] {
        if (redacted.contains(""))
          throw Error(ErrorKind::kUsage, "Expected --redact-host as HOST=ALIAS");
      });
  add_platforms(flags, lock.platform,
                "Lock of each index the image for this platform (format: OS/ARCHITECTURE)");
}

void LockFlags::write_report(discover::Report items) const {
  if (report.empty()) return;
  bundle::redact_hosts(redacted, items);
  replace_file(report, report.ends_with(".json") ? discover::report_json(items)
                                                 : discover::report_text(items));
}

LockedSearch search_and_lock(const LockFlags& flags, const bundle::ImageSearch& search,
                             bundle::ImagesLock before, registry::Client& client, ThreadPool& pool,
                             CommandContext& context) {
  std::vector<bundle::LockedImage> charts;
  if (flags.with_chart) charts = locked_charts(search);
  bundle::SearchResult found = bundle::search_images(search, context.environment, context.stop);
  flags.write_report(found.images.report);
  enforce(found.images, flags.policy);
  bundle::LockOptions options = flags.lock;
  options.before = std::move(before);
  const auto known = static_cast<std::ptrdiff_t>(found.images.report.size());
  LockedSearch locked = lock_found(std::move(found), options, client, {pool, context.stop});
  locked.lock.images.insert(locked.lock.images.end(), charts.begin(), charts.end());
  bundle::sort_unique(locked.lock.images);
  bundle::redact_hosts(flags.redacted, locked.found.images, locked.lock);
  const discover::Report& report = locked.found.images.report;
  flags.write_report(report);
  // Of what was found before the policy has judged.
  bundle::refuse_errors({report.begin() + known, report.end()});
  say_what_is_wrong(report, context.ui);
  enforce(locked.found.images, flags.policy);
  if (locked.lock.images.empty())
    context.ui.notice("no image was found that is needed; --list shows what there is");
  return locked;
}

void say_what_is_wrong(const discover::Report& report, Ui& ui) {
  for (const discover::ReportItem& item : report) {
    if (item.severity == discover::Severity::kNote) continue;
    const std::string line = discover::report_text({item});
    ui.notice(line.substr(0, line.size() - 1));
  }
}

void write_bundle_files(const std::filesystem::path& directory, const LockedSearch& locked) {
  const std::filesystem::path about = directory / "bundle.yml";
  // One that somebody else has written stays.
  const bool is_ours = !std::filesystem::exists(about) ||
                       read_file(about, kMaxText).starts_with(bundle::kBundleFileHead);
  const std::vector<chart::ChartMetadata>& charts = locked.found.charts;
  if (!charts.empty()) {
    std::vector<discover::ChartName> names;
    for (const chart::ChartMetadata& chart : charts)
      names.push_back({chart.name, chart.version, chart.app_version});
    replace_file(directory / "chart.yml",
                 chart_file(locked.found.images, std::move(names)).encode());
    if (is_ours) replace_file(about, bundle::encode_bundle_file(charts));
  } else {
    std::filesystem::remove(directory / "chart.yml");
    if (is_ours) std::filesystem::remove(about);
  }
  replace_file(directory / "images.yml", locked.lock.encode());
}

}  // namespace tote::cmd
