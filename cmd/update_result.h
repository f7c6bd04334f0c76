// What an update has done, for people and for programs.
#pragma once

#include "bundle/working_copy/update.h"

#include <string>

namespace tote::cmd {

std::string update_as_text(const bundle::working_copy::Updated& updated,
                           const std::string& directory, bool is_trial);
std::string update_as_data(const bundle::working_copy::Updated& updated,
                           const std::string& directory);

}  // namespace tote::cmd
