// What `lock --list` shows.
#pragma once

#include "bundle/discover/combine.h"
#include "cmd/cli/ui.h"

namespace tote::cmd {

// Each place of each image, with the rule that found it: a table, or data (docs/machine-output.md).
void show_found_images(const bundle::discover::Combined& found, Ui& ui);

}  // namespace tote::cmd
