#include "bundle/push_chart.h"

#include "base/error.h"
#include "bundle/write_layout.h"
#include "copy/execute.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

constexpr std::string_view kOci = "oci://";

void push(const Cargo& cargo, const oci::Reference& name, registry::RemoteRepository& to,
          const Session& session) {
  while_doing([&] { return fmt::format("Writing '{}'", name.name()); },
              [&] {
                copy::execute(survey_tagged(cargo, to, session), cargo.from, to, session.pool,
                              {.observer = part_of(cargo.observer), .retry = to.retry_policy()},
                              session.stop);
              });
}

oci::Reference below(std::string_view text, const chart::ChartMetadata& metadata) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return oci::Reference::parse_tag(
      fmt::format("{}/{}:{}", text, metadata.name, chart::tag_of_version(metadata.version)));
}

}  // namespace

oci::Reference chart_reference(const std::string& text, const chart::ChartMetadata& metadata) {
  std::string_view name = text;
  if (name.starts_with(kOci)) name.remove_prefix(kOci.size());
  const std::size_t slash = name.rfind('/');
  const bool has_tag =
      slash != std::string_view::npos && name.find(':', slash) != std::string_view::npos;
  if (name.find('@') != std::string_view::npos)
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' names a digest, and a chart gets a tag", text));
  if (!has_tag) return below(name, metadata);
  const std::string want =
      fmt::format("/{}:{}", metadata.name, chart::tag_of_version(metadata.version));
  if (!name.ends_with(want))
    throw Error(ErrorKind::kUsage,
                fmt::format("got '{}', want a name that ends in '{}', since the chart is called so",
                            text, want))
        .with_hint("without a tag the name and the version of the chart are added");
  return oci::Reference::parse_tag(name);
}

oci::Digest push_chart(oci::Artifact& chart, const PushTarget& target, const Observer& observer,
                       const Session& session) {
  Cargo cargo = cargo_of(chart, target.name.repository, {target.name.tag});
  cargo.observer = observer;
  if (!target.layout.empty())
    write_layout(cargo, target.layout, session);
  else
    push(cargo, target.name, target.client->repository(target.name.repository), session);
  return chart.digest();
}

}  // namespace tote::bundle
