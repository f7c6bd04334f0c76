// Changes of files as text that `patch -p1` reads (GNU patch 2.7, git).
#pragma once

#include "bundle/diff.h"
#include "bundle/file_tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// The name of a file as it stands in a patch: in quotes, with C's escapes, if there is anything in
// it that is not plain.
std::string patch_name(std::string_view prefix, std::string_view path);

// A patch of all that can be put into one: texts, modes, symbolic links. Of the rest - binary
// files, and those whose bytes are not in `before` or `after` - it says that they differ, in lines
// that `patch` passes over.
std::string patch_text(const std::vector<FileChange>& changes, const FileContents& before,
                       const FileContents& after);

}  // namespace tote::bundle
