// What a command that runs beside a registry is told of it, in its environment.
#pragma once

#include "base/environment.h"
#include "testregistry/registry.h"

#include <filesystem>
#include <map>
#include <string>

namespace tote::cmd {

// TOTE_REGISTRY, TOTE_REGISTRY_URL; with a password TOTE_REGISTRY_USER, TOTE_REGISTRY_PASSWORD and
// a DOCKER_CONFIG of its own; with a CA TOTE_REGISTRY_CA, and SSL_CERT_FILE, CURL_CA_BUNDLE,
// REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS and GIT_SSL_CAINFO naming a file with the authorities
// that the job trusts and that one. Where the job has a proxy, NO_PROXY spares the registry. The
// files go with this. Throws Error{kIo}.
class ChildEnvironment {
 public:
  // `environment`: the job's, which must outlive it.
  ChildEnvironment(const testregistry::ReadyRegistry& ready, const Environment& environment);
  ChildEnvironment(const ChildEnvironment&) = delete;
  ChildEnvironment& operator=(const ChildEnvironment&) = delete;
  ~ChildEnvironment();

  const std::map<std::string, std::string>& changes() const { return changes_; }

 private:
  void trust(const std::string& authorities);
  void pass_by_proxies(const std::string& host);
  std::string write(const std::string& name, const std::string& text) const;

  const Environment& environment_;
  std::filesystem::path directory_;
  std::map<std::string, std::string> changes_;
};

}  // namespace tote::cmd
