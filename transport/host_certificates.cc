#include "transport/host_certificates.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "transport/ca_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace tote::transport {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxPem = 1U << 20U;

std::string read_pem(const fs::path& path) {
  const auto reading = [&] {
    return fmt::format("Reading client certificate '{}'", path.string());
  };
  return while_doing(reading, [&] {
    std::string text = read_file(path, kMaxPem);
    if (text.find("-----BEGIN ") == std::string::npos)
      throw Error(ErrorKind::kParse, "not in PEM format");
    return text;
  });
}

// In alphabetical order, so that the same one is taken every time.
std::set<fs::path> files_in(const fs::path& directory) {
  std::set<fs::path> files;
  std::error_code unreadable;  // then it says nothing, as to podman
  for (fs::directory_iterator at(directory, unreadable), end; !unreadable && at != end;
       at.increment(unreadable))
    files.insert(at->path());
  return files;
}

fs::path with_extension(fs::path path, const char* extension) {
  return path.replace_extension(extension);
}

void require_pair(const std::set<fs::path>& files, const fs::path& file, const char* other) {
  const fs::path wanted = with_extension(file, other);
  if (files.contains(wanted)) return;
  throw Error(ErrorKind::kParse,
              fmt::format("'{}' has no '{}' beside it", file.string(), wanted.filename().string()))
      .with_hint(
          "in certs.d a client's certificate is NAME.cert with NAME.key, an authority's "
          "NAME.crt");
}

HostCertificates read_directory(const fs::path& directory) {
  HostCertificates found;
  const std::set<fs::path> files = files_in(directory);
  for (const fs::path& file : files) {
    if (file.extension() == ".crt") found.authorities += read_ca_files({file.string()});
    if (file.extension() == ".key") require_pair(files, file, ".cert");
    if (file.extension() != ".cert") continue;
    require_pair(files, file, ".key");
    if (found.client.certificate.empty())
      found.client = {read_pem(file), read_pem(with_extension(file, ".key"))};
  }
  return found;
}

// What the directory of an origin may be called.
std::vector<std::string> names_of(const std::string& origin) {
  std::string name = origin.substr(origin.find("://") + 3);
  std::vector<std::string> names = {name};
  if (name.ends_with(":443")) names.push_back(name.substr(0, name.size() - 4));
  std::erase_if(names, [](const std::string& text) {
    return text.starts_with('.') || text.find('/') != std::string::npos;
  });
  return names;
}

}  // namespace

std::vector<std::string> certificate_roots(const Environment& environment) {
  std::vector<std::string> roots = {"/etc/containers/certs.d", "/etc/docker/certs.d"};
  if (const std::string home = environment.get("HOME"); !home.empty())
    roots.insert(roots.begin(), home + "/.config/containers/certs.d");
  return roots;
}

HostCertificates CertificateDirectories::of(const std::string& origin) {
  return known_.get(origin, {}, [&]() -> HostCertificates {
    for (const std::string& root : roots_)
      for (const std::string& name : names_of(origin)) {
        std::error_code ignored;
        const fs::path directory = fs::path(root) / name;
        if (fs::is_directory(directory, ignored)) return read_directory(directory);
      }
    return {};
  });
}

ClientCertificate read_client_certificate(const std::string& certificate_path,
                                          const std::string& key_path) {
  if (certificate_path.empty() && key_path.empty()) return {};
  if (certificate_path.empty())
    throw Error(ErrorKind::kUsage, "Expected --registry-client-cert beside --registry-client-key");
  return {read_pem(certificate_path), read_pem(key_path.empty() ? certificate_path : key_path)};
}

}  // namespace tote::transport
