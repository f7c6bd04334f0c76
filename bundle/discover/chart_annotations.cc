#include "bundle/discover/chart_annotations.h"

#include "base/error.h"
#include "bundle/discover/report_codes.h"
#include "bundle/discover/yaml_fields.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace tote::bundle::discover {
namespace {

struct Known {
  std::string_view key;
  const char* rule;
};

// Bitnami's and dt's, Helm's proposal, and Artifact Hub's.
constexpr std::array<Known, 3> kKnown{Known{"helm.sh/images", "A1"},
                                      Known{"artifacthub.io/images", "A2"}, Known{"images", "A3"}};

class Annotations {
 public:
  Annotations(std::string_view chart, const ChartState& state) : chart_(chart), state_(state) {}

  void read(const Known& known, const Yaml& annotation) {
    try {
      const Yaml list = Yaml::parse(
          annotation.text(), fmt::format("{}, annotation '{}'", annotation.where(), known.key));
      for (const Yaml& item : list.items()) read_item(known, annotation, item);
    } catch (const Error& error) {
      complain(known, "", error.message());
    }
  }

  Discovery take() { return std::move(discovery_); }

 private:
  void read_item(const Known& known, const Yaml& annotation, const Yaml& item) {
    const std::string text = is_scalar(item) ? item.text() : text_member(item, "image");
    const std::optional<ImageName> name = ImageName::parse(text);
    if (!name)
      return complain(known, text,
                      fmt::format("{}: '{}' is no name of an image", item.where(), text));
    discovery_.images.push_back(
        {.candidates = {*name},
         .evidence = Evidence::kAnnotation,
         .rule = known.rule,
         .certainty = Certainty::kHigh,
         .chart = std::string(chart_),
         .where = fmt::format("annotation {} ({})", known.key, annotation.where()),
         .optional = why_not(item)});
  }

  std::string why_not(const Yaml& item) const {
    const std::string condition = text_member(item, "condition");
    if (!condition.empty() && state_.is_true && !state_.is_true(condition))
      return fmt::format("{} is not true", condition);
    const std::string dependency = text_member(item, "dependency");
    if (!dependency.empty() && state_.is_enabled && !state_.is_enabled(dependency))
      return fmt::format("the dependency {} is not enabled", dependency);
    return {};
  }

  void complain(const Known& known, const std::string& image, std::string message) {
    discovery_.report.push_back(report_item("bad-annotation",
                                            {.chart = std::string(chart_),
                                             .path = fmt::format("annotations.\"{}\"", known.key),
                                             .image = image},
                                            std::move(message)));
  }

  std::string_view chart_;
  const ChartState& state_;
  Discovery discovery_ = {};
};

}  // namespace

Discovery annotated_images(std::string_view text, std::string_view origin, std::string_view chart,
                           const ChartState& state) {
  Annotations annotations(chart, state);
  const std::optional<Yaml> map = member(Yaml::parse(text, origin), "annotations");
  for (const Known& known : kKnown) {
    const std::optional<Yaml> annotation = map ? member(*map, known.key) : std::nullopt;
    if (annotation && is_scalar(*annotation)) annotations.read(known, *annotation);
  }
  return annotations.take();
}

}  // namespace tote::bundle::discover
