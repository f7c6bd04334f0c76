#include "registry/ca_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

namespace tote::registry {
namespace {

constexpr std::uint64_t kMaxCaFile = 16U << 20U;

bool has_certificates(std::string_view text) {
  return text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
}

}  // namespace

std::string read_ca_files(const std::vector<std::string>& paths) {
  std::string pem;
  for (const std::string& path : paths) {
    const std::string text =
        while_doing([&] { return fmt::format("Reading CA certificates from '{}'", path); },
                    [&] { return read_file(path, kMaxCaFile); });
    if (!has_certificates(text))
      throw Error(ErrorKind::kParse, fmt::format("Adding CA certificates from '{}': failed", path));
    pem += text + "\n";
  }
  return pem;
}

SystemAuthorities find_system_authorities() {
  SystemAuthorities found{environment("SSL_CERT_FILE"), environment("SSL_CERT_DIR")};
  try {
    if (!found.file.empty() && !has_certificates(read_file(found.file, kMaxCaFile)))
      found.file.clear();
  } catch (const Error&) {
    found.file.clear();
  }
  return found;
}

}  // namespace tote::registry
