#include "transport/ca_files.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <array>

namespace tote::transport {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCaFile = 16U << 20U;
// Debian, Ubuntu, Arch, Alpine; Fedora; openSUSE; RHEL; Alpine without its bundle.
constexpr std::array<const char*, 5> kFiles = {
    "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/ca-bundle.pem",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "etc/ssl/cert.pem"};
constexpr const char* kDirectory = "etc/ssl/certs";

bool has_certificates(std::string_view text) {
  return text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
}

bool holds_certificates(const std::string& file) {
  std::error_code absent;
  if (!fs::is_regular_file(file, absent)) return false;
  try {
    return has_certificates(read_file(file, kMaxCaFile));
  } catch (const Error&) {
    return false;
  }
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

std::string find_authorities_file(const fs::path& root) {
  for (const char* name : kFiles)
    if (std::string file = (root / name).string(); holds_certificates(file)) return file;
  return {};
}

SystemAuthorities find_system_authorities(const Environment& environment, const fs::path& root) {
  SystemAuthorities found{environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR"), {}};
  if (!holds_certificates(found.file)) found.file = find_authorities_file(root);
  const fs::path directory = root / kDirectory;
  std::error_code absent;
  if (found.file.empty() && found.directory.empty() &&
      fs::directory_iterator(directory, absent) != fs::directory_iterator())
    found.directory = directory.string();
  if (!found.file.empty() || !found.directory.empty()) return found;
  for (const char* name : kFiles) found.looked_for.push_back((root / name).string());
  found.looked_for.push_back(directory.string());
  return found;
}

}  // namespace tote::transport
