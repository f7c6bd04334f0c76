#include "cmd/chart_flags.h"

#include "base/error.h"
#include "base/text.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

// What archives and locks call the place of a chart of a web server.
oci::Repository repository_for(const std::string& url, const std::string& chart) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
  const std::string plain = transport::resolve_url(url, url);
  const std::string rest = plain.substr(plain.find("//") + 2);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string path;
  for (const std::string& part : split(to_lower(rest.substr(slash) + "/" + chart), '/'))
    if (!part.empty()) path += (path.empty() ? "" : "/") + part;
  for (char& c : path)
    if (kAllowed.find(c) == std::string_view::npos) c = '-';
  return {rest.substr(0, slash), path};
}

}  // namespace

void ChartFlags::add_to(FlagSet& flags) {
  flags
      .add_string("chart", 'c', chart,
                  "Helm chart: a reference, with or without oci:// in front, or with --repo a name")
      .own();
  flags
      .add_string("repo", 0, repo,
                  "URL of a repository of charts on a web server, where there is an index.yaml")
      .own()
      .needs({"chart"});
  flags
      .add_string("version", 0, version,
                  "Version of the chart, or a range such as '^1.2', of which the highest is taken; "
                  "without it the highest that is no prerelease")
      .own()
      .needs({"chart"});
}

bundle::FetchedChart ChartFlags::fetch(registry::Client& client,
                                       const bundle::Session& session) const {
  if (!repo.empty())
    return bundle::fetch_chart(bundle::WebChart{repo, chart, version}, client, session);
  return bundle::fetch_chart(bundle::RegistryChart{chart, version}, client, session);
}

bundle::TransferSource ChartFlags::source(registry::Client& client, const bundle::Session& session,
                                          Ui& ui) const {
  if (repo.empty()) {
    copy::ManifestCache cache(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client.source(name); });
    const bundle::FoundChart found =
        bundle::find_chart({chart, version}, client, cache, session.stop);
    if (found.tag.empty())
      return bundle::FromImage{{found.repository, {}, found.manifest->digest()}};
    return bundle::FromImage{{found.repository, found.tag, {}}};
  }
  const bundle::FetchedChart fetched = fetch(client, session);
  tell_of(fetched, ui);
  const chart::ChartMetadata& metadata = fetched.package.chart->metadata;
  return bundle::FromMade{
      {repository_for(repo, metadata.name), chart::tag_of_version(metadata.version), {}},
      bundle::build_chart(fetched.package, {}),
      false};
}

void tell_of(const bundle::FetchedChart& chart, Ui& ui) {
  if (chart.is_legacy)
    ui.notice(fmt::format("'{}' has the media type {}, which Helm has given up: push it again",
                          chart.origin, bundle::kLegacyChartLayer));
  if (!chart.is_checked)
    ui.notice(fmt::format("nothing vouches for '{}': the index gives no digest", chart.origin));
}

void check_chart_files(const std::vector<std::string>& files) {
  if (files.size() != 1)
    throw Error(ErrorKind::kUsage,
                fmt::format("Expected one --file (-f) with --chart (-c), got {}", files.size()))
        .with_hint("a chart is one directory or one .tgz");
}

}  // namespace tote::cmd
