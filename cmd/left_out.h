// What a pull has left out of an image, for people.
#pragma once

#include "bundle/layer_unpacker.h"

#include <string>

namespace tote::cmd {

// "3 symbolic links, 1 hard link"; a number that is 0 is left away.
std::string describe(const bundle::LeftOut& left_out);

}  // namespace tote::cmd
