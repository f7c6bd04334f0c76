// Names of upload sessions.
#pragma once

#include <string>
#include <string_view>

namespace tote::testregistry {

// 32 random hex digits: knowing one is what lets a client write to the session.
std::string new_session_name();
// Whether `name` has that form; such a name is safe as a file name.
bool is_session_name(std::string_view name) noexcept;

}  // namespace tote::testregistry
