// The images lock of a working copy, whose names a pull may have rewritten to where the images are.
#pragma once

#include "bundle/images_lock.h"
#include "bundle/working_copy/tree.h"

#include <filesystem>

namespace tote::bundle::working_copy {

inline constexpr const char* kImagesLock = ".imgpkg/images.yml";

// So that the rewriting is no change: where the local lock names `repository` for images that the
// others know by other names, all three are compared in one form, with the names that they were
// pushed with, by files in `scratch`, which has to be there. A lock that is none is left as it is.
void bring_to_one_form(const oci::Repository& repository, Tree& old_tree, Tree& here,
                       Tree& new_tree, const std::filesystem::path& scratch);

// The reverse, of a lock that was merged: images that `pushed` has, too, are named by `repository`.
// False, and nothing is done, if the file is no lock.
bool relocate_lock(const std::filesystem::path& file, const ImagesLock& pushed,
                   const oci::Repository& repository);

}  // namespace tote::bundle::working_copy
