#include "registry/auth/cloud_keychain.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::registry {
namespace {

struct Cloud {
  std::string_view name;
  std::string_view helper;  // empty: it has none
  bool (*owns)(std::string_view host);
};

bool is_google(std::string_view host) {
  return host == "gcr.io" || host.ends_with(".gcr.io") || host.ends_with(".pkg.dev") ||
         host.ends_with(".google.com");
}

bool is_amazon(std::string_view host) {
  return host == "public.ecr.aws" ||
         (host.find(".dkr.ecr") != std::string_view::npos &&
          (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")));
}

bool is_azure(std::string_view host) {
  return host.ends_with(".azurecr.io") || host.ends_with(".azurecr.cn") ||
         host.ends_with(".azurecr.de") || host.ends_with(".azurecr.us");
}

bool is_github(std::string_view host) {
  return host == "ghcr.io";
}

constexpr std::array<Cloud, 4> kClouds{{{"gke", "gcloud", is_google},
                                        {"ecr", "ecr-login", is_amazon},
                                        {"aks", "acr-env", is_azure},
                                        {"github", "", is_github}}};

const Cloud* find_cloud(std::string_view name) {
  const auto* const found = std::find_if(kClouds.begin(), kClouds.end(),
                                         [&](const Cloud& cloud) { return cloud.name == name; });
  return found == kClouds.end() ? nullptr : found;
}

std::string_view without_port(std::string_view registry) {
  return registry.substr(0, registry.find(':'));
}

std::optional<Credentials> github_credentials(const Environment& environment) {
  const std::string token = environment.get("GITHUB_TOKEN");
  if (token.empty()) return std::nullopt;
  const std::string actor = environment.get("GITHUB_ACTOR");
  return Credentials{.username = actor.empty() ? "unset" : actor, .password = token};
}

std::optional<Credentials> ask(const Cloud& cloud, const std::string& registry,
                               CredentialHelpers& helpers, const std::stop_token& stop) {
  try {
    auto found = helpers.ask(std::string(cloud.helper), registry, 1, stop).credentials;
    const bool is_empty = found && found->username.empty() && found->identity_token.empty();
    return is_empty ? std::nullopt : std::move(found);
  } catch (const Error&) {
    return std::nullopt;  // as imgpkg: whoever has no cloud may still have a password
  }
}

}  // namespace

CloudKeychains::CloudKeychains(Environment environment) : environment_(std::move(environment)) {
  if (equal_ignoring_case(environment_.get("IMGPKG_ENABLE_IAAS_AUTH"), "true")) {
    for (const Cloud& cloud : kClouds) active_.emplace_back(cloud.name);
    return;
  }
  const std::string active = environment_.get("IMGPKG_ACTIVE_KEYCHAINS");
  if (active.empty()) return;
  for (const std::string& item : split(active, ',')) {
    const std::string name(trim(item));
    if (find_cloud(name) == nullptr)
      throw Error(ErrorKind::kUsage,
                  fmt::format("Unable to load keychain for {}, available keychains [aks, ecr, "
                              "gke, github]",
                              name))
          .add_context("Creating registry keychain");
    active_.push_back(name);
  }
}

std::optional<Credentials> CloudKeychains::find(const oci::Repository& repository,
                                                CredentialHelpers& helpers,
                                                const std::stop_token& stop) const {
  for (const std::string& name : active_) {
    const Cloud& cloud = *find_cloud(name);
    if (!cloud.owns(without_port(repository.registry))) continue;
    auto found = cloud.helper.empty() ? github_credentials(environment_)
                                      : ask(cloud, repository.registry, helpers, stop);
    if (found) return found;
  }
  return std::nullopt;
}

std::string cloud_login_hint(std::string_view registry) {
  for (const Cloud& cloud : kClouds) {
    if (!cloud.owns(without_port(registry))) continue;
    if (cloud.helper.empty())
      return "set GITHUB_TOKEN, and IMGPKG_ACTIVE_KEYCHAINS=github to have it used";
    return fmt::format(
        "docker-credential-{0} knows the passwords of this registry: install it, and name it under "
        "\"credHelpers\" in docker's config.json or set IMGPKG_ACTIVE_KEYCHAINS={1}",
        cloud.helper, cloud.name);
  }
  return {};
}

}  // namespace tote::registry
