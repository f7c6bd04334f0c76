// Which of the images of an archive a command is about.
#pragma once

#include "archive/archive_reader.h"

#include <string>

namespace tote::archive {

// The one that `reference` names: by the repository and the tag or digest that it was copied from,
// or as the images lock of its bundle names it. Without a reference the one that can be meant: the
// bundle that was asked for when the archive was made, else the only image.
// Error{kNotFound} or Error{kUsage}, with a hint that lists the images.
const oci::CarriedImage& choose_image(const ArchiveReader& archive, const std::string& reference);

}  // namespace tote::archive
