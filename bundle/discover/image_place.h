// Where images and pull secrets stand among values, as YAML of chart.yml and of hints.
#pragma once

#include "bundle/discover/discovery.h"
#include "bundle/discover/strict_map.h"

#include <cstddef>
#include <string>

namespace tote::bundle::discover {

struct ImagePlace {
  std::string chart = {};  // as FoundImage::chart
  ValuePath path = {};     // empty: nowhere
  Form form = Form::kNone;
  FormFields fields = {};

  friend auto operator<=>(const ImagePlace&, const ImagePlace&) = default;
};

// The members chart, path, form and fields. A form needs a path.
ImagePlace take_place(StrictMap& map);
PullSecretPlace read_pull_secret(const Yaml& node);
// The lines of these members; "" for a place that is nowhere.
std::string place_lines(const ImagePlace& place, std::size_t indent);

}  // namespace tote::bundle::discover
