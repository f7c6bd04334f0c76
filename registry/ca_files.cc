#include "registry/ca_files.h"

#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>

namespace tote::registry {
namespace {

constexpr std::uint64_t kMaxCaFile = 16U << 20U;

}  // namespace

std::string read_ca_files(const std::vector<std::string>& paths) {
  std::string pem;
  for (const std::string& path : paths) {
    const std::string text =
        while_doing([&] { return fmt::format("Reading CA certificates from '{}'", path); },
                    [&] { return read_file(path, kMaxCaFile); });
    if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
      throw Error(ErrorKind::kParse, fmt::format("Adding CA certificates from '{}': failed", path));
    pem += text + "\n";
  }
  return pem;
}

}  // namespace tote::registry
