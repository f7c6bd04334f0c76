#include "registry/auth/config_key.h"

#include "base/text.h"

#include <array>

namespace tote::registry {
namespace {

constexpr std::string_view kDockerHub = "index.docker.io";

void remove_scheme(std::string_view& key) {
  if (const std::size_t scheme = key.find("://"); scheme != std::string_view::npos)
    key.remove_prefix(scheme + 3);
}

// "/v2/team/" -> "team".
std::string_view repository_path(std::string_view path) {
  for (const std::string_view version : {"/v1", "/v2"})
    if (path == version || path.starts_with(std::string(version) + "/"))
      path.remove_prefix(version.size());
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool is_docker_hub(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames = {"docker.io", "registry-1.docker.io",
                                                      kDockerHub};
  for (const std::string_view name : kNames)
    if (equal_ignoring_case(host, name)) return true;
  return false;
}

bool is_same_host(std::string_view host, std::string_view registry) {
  if (registry == kDockerHub) return is_docker_hub(host);
  return equal_ignoring_case(host, registry);
}

}  // namespace

std::optional<std::size_t> match_config_key(std::string_view key,
                                            const oci::Repository& repository) {
  remove_scheme(key);
  const std::string_view host = key.substr(0, key.find('/'));
  const std::string_view path = repository_path(key.substr(host.size()));
  if (!is_same_host(host, repository.registry)) return std::nullopt;
  if (path.empty()) return 0;
  if (repository.path != path && !repository.path.starts_with(std::string(path) + "/"))
    return std::nullopt;
  return path.size();
}

}  // namespace tote::registry
