#include "registry/docker_config.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "registry/credential_helper.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <unistd.h>
#include <vector>

namespace tote::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigSize = 4U << 20U;
constexpr int kHelperTries = 5;
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// What a configuration may call the repository, most specific first.
std::vector<std::string> keys_of(const oci::Repository& repository) {
  if (repository.registry == "index.docker.io")
    return {repository.name(), std::string(kDockerHubKey)};
  return {repository.name(), repository.registry};
}

// "http://localhost:5361/v2/" -> "localhost:5361".
std::string_view host_part(std::string_view key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string_view::npos)
    key.remove_prefix(scheme + 3);
  return key.substr(0, key.find('/'));
}

Credentials from_auth_entry(const Json& entry) {
  Credentials found{.username = entry.string_or("username", ""),
                    .password = entry.string_or("password", ""),
                    .identity_token = entry.string_or("identitytoken", ""),
                    .registry_token = entry.string_or("registrytoken", "")};
  const std::string encoded = entry.string_or("auth", "");
  if (encoded.empty()) return found;
  const std::optional<std::string> pair = base64_decode(encoded);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos)
    throw Error(ErrorKind::kParse, "an 'auth' entry is not base64 of 'user:password'");
  found.username = pair->substr(0, colon);
  found.password = pair->substr(colon + 1);
  while (found.password.ends_with('\0')) found.password.pop_back();
  return found;
}

std::optional<Credentials> from_auths(const Json& config, const std::string& key) {
  const std::optional<Json> auths = config.find("auths");
  if (!auths) return std::nullopt;
  if (const std::optional<Json> exact = auths->find(key)) return from_auth_entry(*exact);
  for (const auto& [name, entry] : auths->members())
    if (host_part(name) == key && entry.is_object()) return from_auth_entry(entry);
  return std::nullopt;
}

std::optional<Credentials> from_config(const Json& config, const std::string& key,
                                       const std::stop_token& stop) {
  if (const std::optional<Json> helpers = config.find("credHelpers"))
    if (const std::optional<Json> helper = helpers->find(key))
      return ask_helper(helper->string(), key, kHelperTries, stop);
  if (const std::string store = config.string_or("credsStore", ""); !store.empty())
    return ask_helper(store, key, kHelperTries, stop);
  return from_auths(config, key);
}

bool says_something(const Credentials& found) {
  return !found.username.empty() || !found.identity_token.empty() || !found.registry_token.empty();
}

}  // namespace

std::string docker_config_path() {
  const std::string home = environment("HOME");
  const std::string configured = environment("DOCKER_CONFIG");
  const fs::path in_home = fs::path(home) / ".docker" / "config.json";
  const fs::path in_configured = fs::path(configured) / "config.json";
  if ((!home.empty() && is_file(in_home)) || (!configured.empty() && is_file(in_configured)))
    return configured.empty() ? in_home : in_configured;
  const fs::path auth_file = environment("REGISTRY_AUTH_FILE");
  if (is_file(auth_file)) return auth_file;
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  const fs::path podman = fs::path(runtime) / "containers" / "auth.json";
  return !runtime.empty() && is_file(podman) ? podman.string() : std::string();
}

Credentials credentials_in_config(std::string_view text, std::string_view origin,
                                  const oci::Repository& repository, std::stop_token stop) {
  const Json config = Json::parse(text, origin);
  for (const std::string& key : keys_of(repository))
    if (const std::optional<Credentials> found = from_config(config, key, stop);
        found && says_something(*found))
      return *found;
  return {};
}

Credentials docker_credentials(const oci::Repository& repository, std::stop_token stop) {
  const std::string path = docker_config_path();
  if (path.empty() || !is_file(path)) return {};
  return credentials_in_config(read_file(path, kMaxConfigSize), path, repository, std::move(stop));
}

}  // namespace tote::registry
