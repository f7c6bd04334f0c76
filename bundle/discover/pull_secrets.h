// Where a chart takes the names of secrets for pulling.
#pragma once

#include "bundle/discover/values_scope.h"

#include <string_view>

namespace tote::bundle::discover {

// Whether a key says so: "imagePullSecrets", and "pullSecrets" beside the parts of an image.
bool is_pull_secret_key(std::string_view key);

// Adds the place of a member with such a key to the chart's result. A mapping of mappings makes
// secrets and is left alone; so is a global one that the chart around it hands down.
void take_pull_secret(const MapScope& scope, std::string_view key, const chart::Value& value);

}  // namespace tote::bundle::discover
