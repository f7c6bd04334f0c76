// Certificates that the user trusts beside the system's.
#pragma once

#include <string>
#include <vector>

namespace tote::registry {

// The PEM text of all the files. Error{kIo} or Error{kParse} that names the file.
std::string read_ca_files(const std::vector<std::string>& paths);

}  // namespace tote::registry
