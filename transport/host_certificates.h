// Certificates that the files of a machine give for one registry, as docker and podman read them:
// in certs.d/HOST:PORT/ *.crt are authorities that are trusted beside the system's, and NAME.cert
// with NAME.key is who we are.
#pragma once

#include "base/environment.h"
#include "base/once_map.h"

#include <optional>
#include <string>
#include <vector>

namespace tote::transport {

// PEM; both empty: none.
struct ClientCertificate {
  std::string certificate = {};
  std::string key = {};
};

enum class VerifyCertificates { kYes, kNo };

struct HostCertificates {
  std::string authorities = {};  // PEM; empty: none
  ClientCertificate client = {};
  std::optional<VerifyCertificates> verify = {};  // nullopt: as everywhere
};

// $HOME/.config/containers/certs.d, /etc/containers/certs.d, /etc/docker/certs.d.
std::vector<std::string> certificate_roots(const Environment& environment);

// Thread-safe; reads each host's directory once, the first one that there is.
class CertificateDirectories {
 public:
  explicit CertificateDirectories(std::vector<std::string> roots) : roots_(std::move(roots)) {}

  // `origin`: "https://host:443" (url.h). On the standard port the directory may be called HOST
  // alone. Of several client certificates the first by name is taken. Error{kParse} for a
  // certificate without a key or the reverse and for files that are not PEM, Error{kIo}.
  HostCertificates of(const std::string& origin);

 private:
  std::vector<std::string> roots_;
  OnceMap<std::string, HostCertificates> known_;
};

// From the files of flags; an empty `key_path`: the key is in the certificate's file. Both empty:
// none. Throws Error{kUsage} for a key alone, Error{kParse}, Error{kIo}.
ClientCertificate read_client_certificate(const std::string& certificate_path,
                                          const std::string& key_path);

}  // namespace tote::transport
