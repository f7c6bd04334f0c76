// The authorities that are trusted: the system's, and those that the user adds.
#pragma once

#include <string>
#include <vector>

namespace tote::registry {

// The PEM text of all the files. Error{kIo} or Error{kParse} that names the file.
std::string read_ca_files(const std::vector<std::string>& paths);

// Where the system's authorities are, as OpenSSL's variables SSL_CERT_FILE and SSL_CERT_DIR say;
// empty: where they always are. A file without certificates does not count.
struct SystemAuthorities {
  std::string file = {};
  std::string directory = {};
};
SystemAuthorities find_system_authorities();

}  // namespace tote::registry
