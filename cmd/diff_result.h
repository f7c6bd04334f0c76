// What diff prints, for people and for programs.
#pragma once

#include "bundle/diff.h"

#include <string>

namespace tote::cmd {

// A line for each difference, and one for what it would cost to move.
std::string diff_as_text(const bundle::Difference& difference);
// One JSON object (docs/machine-output.md).
std::string diff_as_data(const bundle::Difference& difference, const std::string& before,
                         const std::string& after);

}  // namespace tote::cmd
