#include "cmd/child_environment.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cstdlib>

namespace tote::cmd {
namespace {

constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::uint64_t kMaxAuthorities = 16U << 20U;

std::string system_authorities() {
  std::string path = environment("SSL_CERT_FILE");
  if (path.empty()) path = kSystemAuthorities;
  if (!std::filesystem::exists(path)) return {};
  return read_file(path, kMaxAuthorities);
}

}  // namespace

ChildEnvironment::ChildEnvironment(const ReadyRegistry& ready) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tote-registry-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw io_error("create a directory");
  directory_ = pattern;
  changes_["TOTE_REGISTRY"] = ready.address;
  changes_["TOTE_REGISTRY_URL"] = ready.url;
  if (!ready.user.empty()) {
    changes_["TOTE_REGISTRY_USER"] = ready.user;
    changes_["TOTE_REGISTRY_PASSWORD"] = ready.password;
    write("config.json",
          fmt::format(R"({{"auths":{{{}:{{"auth":"{}"}}}}}})", json_quote(ready.address),
                      base64_encode(ready.user + ":" + ready.password)));
    changes_["DOCKER_CONFIG"] = directory_.string();
  }
  if (!ready.ca_pem.empty()) {
    changes_["TOTE_REGISTRY_CA"] = write("ca.pem", ready.ca_pem);
    changes_["SSL_CERT_FILE"] = write("authorities.pem", system_authorities() + ready.ca_pem);
  }
}

ChildEnvironment::~ChildEnvironment() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string ChildEnvironment::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = directory_ / name;
  AtomicFile file(path);
  file.write(as_bytes(text));
  file.finish();
  return path.string();
}

}  // namespace tote::cmd
