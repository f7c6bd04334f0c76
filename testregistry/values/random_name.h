// Names that nobody can guess.
#pragma once

#include <string>
#include <string_view>

namespace tote::testregistry {

// 32 random hex digits (128 bits): who knows an upload session's may write to it, and it does for a
// password or a key as well. Throws Error{kInternal}.
std::string random_name();
// Whether `name` has that form; such a name is safe as a file name.
bool is_random_name(std::string_view name) noexcept;

}  // namespace tote::testregistry
