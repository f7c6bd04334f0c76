// For each chart: found, written at a new place, found there again.
#include "base/error.h"
#include "chart/user_values.h"
#include "tests/discover/moved_charts.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <map>

namespace tote::bundle::discover {
namespace {

using testing::HasSubstr;

// As copy puts them, beside their bundle.
std::optional<ImageName> beside(const std::string& id) {
  return ImageName{.registry = "air.gap:5000",
                   .repository = "b/app",
                   .tag = fmt::format("sha256-{:064x}.imgpkg", std::hash<std::string>()(id)),
                   .digest = kDigest};
}

chart::ConfiguredChart configured(const chart::ChartPtr& chart, const chart::UserValues& user) {
  return chart::configure_chart(chart, chart::read_user_values(user));
}

// ---- there and back -----------------------------------------------------------------------------

struct Round {
  const char* chart;
  const char* values = "";
};
void PrintTo(const Round& round, std::ostream* out) {
  *out << round.chart << " " << round.values;
}

class RoundTrip : public testing::TestWithParam<Round> {
 protected:
  RoundTrip()
      : chart_(chart::load_chart(std::string(TOTE_TEST_DATA) + "/charts/" + GetParam().chart +
                                 "/chart")) {}
  chart::UserValues user() const { return {.files = {{"my.yaml", GetParam().values}}}; }

  // By place: what is there after `place` was written for it.
  void expect_moved(bool with_optional, const NewPlace& place, const OverlayOptions& options) {
    const chart::ConfiguredChart before = configured(chart_, user());
    const ChartFile file = file_of(before, with_optional);
    const Overlay overlay = values_overlay(file, place, options);
    chart::UserValues after = user();
    after.files.push_back({"overlay.yaml", overlay.yaml});
    const Discovery found = scan_values(configured(chart_, after));
    std::map<ValuePath, std::string> now;
    for (const FoundImage& image : found.images) now[image.path] = image.candidates.front().str();
    std::size_t count = 0;
    for (const ChartImage& image : file.images) {
      ImageName expected = place(image.id).value();
      if (!options.digests ||
          (image.place.fields.digest.empty() && image.place.form != Form::kReference))
        expected.digest.clear();
      ImageName is = named(now[image.place.path]);
      if (expected.digest.empty()) is.digest.clear();
      EXPECT_EQ(is.str(), expected.str()) << path_text(image.place.path) << "\n" << overlay.yaml;
      ++count;
    }
    for (const FoundImage& image : found.images) {
      if (!image.optional.empty()) continue;
      EXPECT_EQ(image.candidates.front().registry, "air.gap:5000") << path_text(image.path);
    }
    EXPECT_EQ(count, file.images.size());
    EXPECT_EQ(found.unresolved.size(), scan_values(before).unresolved.size());
  }

  chart::ChartPtr chart_;
};

TEST_P(RoundTrip, BelowAPrefixEveryImageIsFoundAtItsNewPlace) {
  expect_moved(false, below_prefix, {});
}

TEST_P(RoundTrip, OptionalImagesToo) {
  expect_moved(true, below_prefix, {});
}

TEST_P(RoundTrip, WithSecretsAndWithoutDigests) {
  expect_moved(false, below_prefix, {.pull_secrets = {"zot"}, .digests = false});
}

TEST_P(RoundTrip, BesideTheBundleTooOrItSaysWhy) {
  const ChartFile file = file_of(configured(chart_, user()));
  try {
    values_overlay(file, beside, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.message(),
                testing::AnyOf(HasSubstr("would have to be"), HasSubstr("has nothing there")));
    return;
  }
  expect_moved(false, beside, {});
}

INSTANTIATE_TEST_SUITE_P(
    Charts, RoundTrip,
    testing::Values(Round{"t01-cert-manager"},
                    Round{"t01-cert-manager", "image: {repository: my.io/x/ctl}"},
                    Round{"t01-cert-manager", "image: {registry: my.io}"},
                    Round{"t01-cert-manager", "global: {imageRegistry: r.io}"},
                    Round{"t02-kube-prometheus-stack"},
                    Round{"t02-kube-prometheus-stack", "global: {imageRegistry: r.io}"},
                    Round{"t03-argo-cd"}, Round{"t04-loki"}, Round{"t05-postgresql"},
                    Round{"t05-postgresql", "global: {imageRegistry: r.io}"},
                    Round{"t06-redis-operator"}, Round{"t07-traefik"}, Round{"t07b-traefik"},
                    Round{"t08-gatekeeper"}, Round{"t09-kyverno"},
                    Round{"t09-kyverno", "global: {image: {registry: r.io}}"},
                    Round{"t10-strimzi-kafka-operator"}, Round{"t11-eck-operator"},
                    Round{"t12-prometheus"}, Round{"t13-nifikop"}, Round{"t14-cloudnative-pg"}));

}  // namespace
}  // namespace tote::bundle::discover
