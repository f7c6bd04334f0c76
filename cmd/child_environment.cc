#include "cmd/child_environment.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "base/text.h"
#include "transport/ca_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

namespace tote::cmd {
namespace {

constexpr std::uint64_t kMaxAuthorities = 16U << 20U;

// Each is a file of authorities for some programs, and beats SSL_CERT_FILE there: curl and what is
// made with it, Python's requests, Node (which adds it to its own), git.
constexpr std::array<const char*, 4> kAlwaysSet = {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE",
                                                   "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"};
// Likewise, for programs that are rarer; set only where the job has set them.
constexpr std::array<const char*, 8> kSetIfSet = {
    "AWS_CA_BUNDLE",     "PIP_CERT",
    "CARGO_HTTP_CAINFO", "HTTPLIB2_CA_CERTS",
    "DENO_CERT",         "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "NIX_SSL_CERT_FILE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE"};
constexpr std::array<const char*, 4> kProxies = {"http_proxy", "https_proxy", "HTTPS_PROXY",
                                                 "all_proxy"};

// What the job trusts: the system's authorities, and those that its variables name.
std::string authorities_of_the_job(const Environment& environment) {
  std::set<std::string> files{transport::find_authorities_file(), environment.get("SSL_CERT_FILE")};
  for (const char* name : kAlwaysSet) files.insert(environment.get(name));
  for (const char* name : kSetIfSet) files.insert(environment.get(name));
  std::string all;
  for (const std::string& file : files)
    if (std::filesystem::is_regular_file(file)) all += read_file(file, kMaxAuthorities) + "\n";
  return all;
}

std::string host_of(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

std::string docker_config(const testregistry::ReadyRegistry& ready) {
  JsonWriter json;
  json.begin_object().key("auths").begin_object().key(ready.address).begin_object();
  json.member("auth", base64_encode(ready.user + ":" + ready.password));
  return json.end_object().end_object().end_object().take();
}

}  // namespace

ChildEnvironment::ChildEnvironment(const testregistry::ReadyRegistry& ready,
                                   const Environment& environment)
    : environment_(environment) {
  std::string parent = environment.get("TMPDIR");
  if (parent.empty()) parent = "/tmp";
  std::string pattern = parent + "/tote-registry-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr)
    throw io_error(fmt::format("create a directory in TMPDIR, '{}'", parent));
  directory_ = pattern;
  changes_["TOTE_REGISTRY"] = ready.address;
  changes_["TOTE_REGISTRY_URL"] = ready.url;
  if (!ready.user.empty()) {
    changes_["TOTE_REGISTRY_USER"] = ready.user;
    changes_["TOTE_REGISTRY_PASSWORD"] = ready.password;
    write("config.json", docker_config(ready));
    changes_["DOCKER_CONFIG"] = directory_.string();
  }
  if (!ready.ca_pem.empty()) {
    changes_["TOTE_REGISTRY_CA"] = write("ca.pem", ready.ca_pem);
    trust(write("authorities.pem", authorities_of_the_job(environment_) + ready.ca_pem));
  }
  pass_by_proxies(host_of(ready.address));
}

void ChildEnvironment::trust(const std::string& authorities) {
  changes_["SSL_CERT_FILE"] = authorities;
  for (const char* name : kAlwaysSet) changes_[name] = authorities;
  for (const char* name : kSetIfSet)
    if (!environment_.get(name).empty()) changes_[name] = authorities;
}

// No proxy would find a registry on this machine.
void ChildEnvironment::pass_by_proxies(const std::string& host) {
  const bool has_proxy = std::any_of(kProxies.begin(), kProxies.end(), [this](const char* name) {
    return !environment_.get(name).empty();
  });
  if (!has_proxy) return;
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const std::string others = environment_.get(name);
    changes_[name] = others.empty() ? host : others + "," + host;
  }
}

ChildEnvironment::~ChildEnvironment() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string ChildEnvironment::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = directory_ / name;
  replace_file(path, text);
  return path.string();
}

}  // namespace tote::cmd
