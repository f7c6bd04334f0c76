// Images that a chart's templates write themselves, so that no value says which they are.
#pragma once

#include "chart/chart.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tote::bundle::discover {

struct TemplateImage {
  std::string text;   // as it is written, maybe with templates in it
  std::string where;  // "templates/web.yaml, line 12"

  bool is_complete() const { return text.find("{{") == std::string::npos; }
};

// Of lines `image: ...` below templates/: names without any template, and those in which a part of
// the path is fixed (`{{ .Values.registry }}/api:{{ .Values.tag }}`). Each text once, at most
// 1,000. Not of what only `helm test` starts, nor of notes.
std::vector<TemplateImage> find_template_images(const chart::Chart& chart);

}  // namespace tote::bundle::discover
