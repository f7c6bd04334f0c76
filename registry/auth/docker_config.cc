#include "registry/auth/docker_config.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "registry/auth/config_key.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

namespace tote::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigSize = 4U << 20U;
constexpr int kHelperTries = 5;
constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

using Entry = std::pair<std::string, Json>;

struct Helper {
  std::string name;  // empty: none knows the repository's password
  std::string key;   // under which it stands in "credHelpers"; empty: it is the store of all hosts
};

// What a helper is asked for, most specific first. Docker Hub has several names: it may know the
// one under which the configuration has it.
std::vector<std::string> keys_of(const oci::Repository& repository, const Helper& helper) {
  const bool is_hub = repository.registry == "index.docker.io";
  std::vector<std::string> keys = {repository.name(),
                                   is_hub ? std::string(kDockerHubKey) : repository.registry};
  if (!helper.key.empty() && std::find(keys.begin(), keys.end(), helper.key) == keys.end())
    keys.push_back(helper.key);
  return keys;
}

// The members of an object that are for the repository, the closest first; of equals the one that
// is called as the registry is.
std::vector<Entry> entries_for(const std::optional<Json>& object,
                               const oci::Repository& repository) {
  std::vector<Entry> found;
  if (!object) return found;
  for (Entry& entry : object->members())
    if (!entry.second.is_null() && match_config_key(entry.first, repository))
      found.push_back(std::move(entry));
  const auto rank = [&](const Entry& entry) {
    const std::string& key = entry.first;
    return std::pair(*match_config_key(key, repository),
                     key == repository.registry || key == kDockerHubKey);
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Entry& a, const Entry& b) { return rank(a) > rank(b); });
  return found;
}

// Line breaks are allowed in it, as in docker's.
std::optional<std::string> decode_auth(std::string encoded) {
  std::erase_if(encoded, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
  return base64_decode(encoded);
}

Credentials from_auth_entry(const Json& entry) {
  Credentials found{.username = entry.string_or("username", ""),
                    .password = entry.string_or("password", ""),
                    .identity_token = entry.string_or("identitytoken", ""),
                    .registry_token = entry.string_or("registrytoken", "")};
  const std::string encoded = entry.string_or("auth", "");
  if (encoded.empty()) return found;
  const std::optional<std::string> pair = decode_auth(encoded);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos)
    throw Error(ErrorKind::kParse, "an 'auth' entry is not base64 of 'user:password'");
  found.username = pair->substr(0, colon);
  found.password = pair->substr(colon + 1);
  while (found.password.ends_with('\0')) found.password.pop_back();
  return found;
}

Credentials from_auths(const Json& config, const oci::Repository& repository) {
  for (const auto& [key, entry] : entries_for(config.find("auths"), repository)) {
    if (!entry.is_object()) continue;
    if (Credentials found = from_auth_entry(entry); found.says_something()) return found;
  }
  return {};
}

// A helper for a host stands above the store of all hosts, also if its name is "".
Helper helper_of(const Json& config, const oci::Repository& repository) {
  const std::vector<Entry> helpers = entries_for(config.find("credHelpers"), repository);
  if (helpers.empty()) return {config.string_or("credsStore", ""), ""};
  return {helpers.front().second.string(), helpers.front().first};
}

}  // namespace

std::vector<std::string> docker_config_paths(const Environment& environment) {
  const fs::path home = environment.get("HOME");
  const auto file_in = [&](const char* variable, const char* below_home, const char* name) {
    const fs::path given = environment.get(variable);
    if (!given.empty()) return given / name;
    return home.empty() || *below_home == '\0' ? fs::path() : home / below_home / name;
  };
  const std::array<fs::path, 4> candidates = {
      file_in("DOCKER_CONFIG", ".docker", "config.json"), environment.get("REGISTRY_AUTH_FILE"),
      file_in("XDG_RUNTIME_DIR", "", "containers/auth.json"),
      file_in("XDG_CONFIG_HOME", ".config", "containers/auth.json")};
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const fs::path& path : candidates)
    if (fs::is_regular_file(path, ignored)) paths.push_back(path.string());
  return paths;
}

Credentials credentials_in_config(std::string_view text, std::string_view origin,
                                  const oci::Repository& repository, CredentialHelpers& helpers,
                                  std::stop_token stop) {
  if (trim(text).empty()) return {};  // as docker: a file that nobody has written to
  const Json config = Json::parse(text, origin);
  const Helper helper = helper_of(config, repository);
  std::string missing;
  if (!helper.name.empty())
    for (const std::string& key : keys_of(repository, helper)) {
      const HelperAnswer answer = helpers.ask(helper.name, key, kHelperTries, stop);
      if (answer.credentials && answer.credentials->says_something()) return *answer.credentials;
      if (answer.is_missing) missing = helper.name;
    }
  Credentials found = from_auths(config, repository);
  if (!found.says_something()) found.missing_helper = missing;
  return found;
}

Credentials docker_credentials(const Environment& environment, const oci::Repository& repository,
                               CredentialHelpers& helpers, std::stop_token stop) {
  std::string missing;
  for (const std::string& path : docker_config_paths(environment)) {
    Credentials found =
        credentials_in_config(read_file(path, kMaxConfigSize), path, repository, helpers, stop);
    if (found.says_something()) return found;
    if (missing.empty()) missing = found.missing_helper;
  }
  return {.missing_helper = missing};
}

}  // namespace tote::registry
