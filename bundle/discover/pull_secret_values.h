// Names of secrets for pulling, written in the way in which a chart takes them.
#pragma once

#include "bundle/discover/discovery.h"
#include "bundle/discover/overlay_tree.h"

#include <string>
#include <vector>

namespace tote::bundle::discover {

// Adds `names` to what is `there`, a list; nullptr: it is empty, or the place takes none. Error{
// kUsage} for several names where there is room for one.
void put_pull_secrets(OverlayTree& tree, const PullSecretPlace& place,
                      const std::vector<std::string>& names, const chart::Value* there);

}  // namespace tote::bundle::discover
