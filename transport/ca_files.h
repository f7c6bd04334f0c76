// The authorities that are trusted: the system's, and those that the user adds.
#pragma once

#include "base/environment.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::transport {

// The PEM text of all the files. Error{kIo} or Error{kParse} that names the file.
std::string read_ca_files(const std::vector<std::string>& paths);

// The file of the system's authorities, where its distribution keeps it below `root`; empty: there
// is none. A file without certificates does not count.
std::string find_authorities_file(const std::filesystem::path& root = "/");

// Where the system's authorities are: where OpenSSL's variables SSL_CERT_FILE and SSL_CERT_DIR say,
// else where distributions keep them.
struct SystemAuthorities {
  std::string file = {};
  std::string directory = {};                // of files under the hashes of their subjects
  std::vector<std::string> looked_for = {};  // filled if there is neither
};
SystemAuthorities find_system_authorities(const Environment& environment,
                                          const std::filesystem::path& root = "/");

}  // namespace tote::transport
