// What a token is good for, as the token protocol of docker's registry names it:
// "repository:<path>:<actions>", with actions like "pull" or "push,pull".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

using Scopes = std::vector<std::string>;

// The scopes of a challenge's list, which blanks divide. Those that could not stand in a URL, and
// more than 16 of them, are left out: a registry writes the list.
Scopes parse_scopes(std::string_view list);

// Whether one of `scopes` allows all that `wanted` does.
bool cover(const Scopes& scopes, std::string_view wanted);

// One text, divided by blanks.
std::string join(const Scopes& scopes);

}  // namespace tote::registry
