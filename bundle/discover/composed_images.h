// Images that templates put together of values whose keys do not say so: rule V11.
#pragma once

#include "bundle/discover/values_scope.h"

namespace tote::bundle::discover {

// Texts in templates that are values with "/" and ":" between them, and maybe fixed parts:
// `{{ .Values.registry.agent }}/{{ .Values.agent.name }}:{{ .Values.agent.version }}`, where
// `default .Chart.AppVersion` or another value may stand behind a "|". Nothing else is worked out,
// and what other rules have found is left to them. Adds to the chart's result.
void take_composed_images(const ChartScope& chart);

}  // namespace tote::bundle::discover
