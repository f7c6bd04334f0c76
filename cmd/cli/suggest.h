// What a misspelled word was probably meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

// The names that `typed` is close to, the closest first, at most three: at most two letters wrong
// (missing, extra, other, or two in the wrong order), its beginning, or its last words
// ("username" of "registry-username"). Upper and lower case are alike.
std::vector<std::string> similar(std::string_view typed, const std::vector<std::string>& names);

// "did you mean '--tar' or '--to-tar'?" for "tar" and "to-tar" with the prefix "--"; "" for none.
std::string did_you_mean(const std::vector<std::string>& names, std::string_view prefix = "");

}  // namespace tote::cmd
