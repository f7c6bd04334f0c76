// Where a working copy keeps where it came from. Known here since it is never a part of an image.
#pragma once

#include <string_view>

namespace tote::bundle {

inline constexpr const char* kUpstreamFile = ".imgpkg/upstream.yml";
// What an update that was broken off has yet to do lies in this directory.
inline constexpr const char* kUnfinishedUpdate = ".imgpkg/unfinished-update";

// Whether a relative path is one of these, or in the second, in any directory: nothing of that
// comes out of an image, or goes into one. Who could put it there would choose where the next push
// goes to.
bool is_of_working_copy(std::string_view path) noexcept;

}  // namespace tote::bundle
