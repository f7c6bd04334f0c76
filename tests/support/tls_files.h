// Certificates made for one test, by the openssl program.
#pragma once

#include "tests/support/temp_dir.h"

#include <filesystem>

namespace tote::test {

// A certificate for 127.0.0.1 and localhost that signs itself.
struct TlsFiles {
  explicit TlsFiles(const TempDir& directory);
  std::filesystem::path certificate;
  std::filesystem::path key;
};

}  // namespace tote::test
