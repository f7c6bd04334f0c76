#include "registry/auth/registry_env.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fnmatch.h>
#include <map>
#include <tuple>

namespace tote::registry {
namespace {

constexpr std::string_view kPrefix = "IMGPKG_REGISTRY_";
constexpr std::string_view kAzureConfig = "IMGPKG_REGISTRY_AZURE_CR_CONFIG";

struct Fields {
  std::string hostname;
  Credentials credentials;
};

constexpr std::array<std::string_view, 5> kFields = {"HOSTNAME", "USERNAME", "PASSWORD",
                                                     "IDENTITY_TOKEN", "REGISTRY_TOKEN"};

// "USERNAME_two" is field "USERNAME" of entry "_two"; an empty field is none that we know.
std::pair<std::string_view, std::string_view> split_name(std::string_view name) {
  for (const std::string_view field : kFields) {
    const std::string_view rest = name.substr(std::min(field.size(), name.size()));
    if (name.starts_with(field) && (rest.empty() || rest.front() == '_')) return {field, rest};
  }
  return {};
}

void set_field(Fields& fields, std::string_view field, const std::string& value) {
  const std::array<std::string*, kFields.size()> targets = {
      &fields.hostname, &fields.credentials.username, &fields.credentials.password,
      &fields.credentials.identity_token, &fields.credentials.registry_token};
  *targets[static_cast<std::size_t>(std::find(kFields.begin(), kFields.end(), field) -
                                    kFields.begin())] = value;
}

// "host[:port][/path]" after an optional scheme and "/v1/" or "/v2/".
RegistryEnvEntry make_entry(const Fields& fields) {
  std::string_view text = fields.hostname;
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
  for (const std::string_view version : {"/v1/", "/v2/"})
    if (path.starts_with(version)) path.remove_prefix(version.size() - 1);
  if (path == "/" || path == "/v1" || path == "/v2") path = {};
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos;
  return {std::string(authority.substr(0, colon)),
          has_port ? std::string(authority.substr(colon + 1)) : std::string(), std::string(path),
          fields.credentials};
}

}  // namespace

bool RegistryEnvEntry::matches(const oci::Repository& repository) const {
  const std::size_t colon = repository.registry.rfind(':');
  const std::string wanted_port =
      colon == std::string::npos ? "" : repository.registry.substr(colon + 1);
  if (port != wanted_port) return false;
  const std::vector<std::string> globs = split(host, '.');
  const std::vector<std::string> labels = split(repository.registry.substr(0, colon), '.');
  const bool same_host = std::equal(globs.begin(), globs.end(), labels.begin(), labels.end(),
                                    [](const std::string& glob, const std::string& label) {
                                      return fnmatch(glob.c_str(), label.c_str(), 0) == 0;
                                    });
  return same_host && ("/" + repository.path).starts_with(path);
}

std::vector<RegistryEnvEntry> parse_registry_environment(const Environment& environment) {
  std::map<std::string, Fields> by_suffix;
  for (const auto& [variable, value] : environment.variables()) {
    if (!variable.starts_with(kPrefix) || variable == kAzureConfig) continue;
    const auto [field, suffix] = split_name(std::string_view(variable).substr(kPrefix.size()));
    if (field.empty())
      throw Error(ErrorKind::kUsage, fmt::format("Unknown env variable '{}'", variable));
    set_field(by_suffix[std::string(suffix)], field, value);
  }
  std::vector<RegistryEnvEntry> entries;
  for (const auto& [suffix, fields] : by_suffix)
    if (!fields.hostname.empty()) entries.push_back(make_entry(fields));
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.host, a.port, a.path) > std::tie(b.host, b.port, b.path);
  });
  return entries;
}

}  // namespace tote::registry
