// Names of images as charts, manifests and people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tote::bundle::discover {

// The first part of a name is a host if it has a "." or a ":" or is "localhost", as Docker and
// containerd read it; a name without one is of Docker Hub ("nginx" is "docker.io/library/nginx").
struct ImageName {
  std::string registry;    // "docker.io", "localhost:5000"
  std::string repository;  // "library/nginx"
  std::string tag;         // empty: there is none; beside a digest it is kept
  std::string digest;      // "sha256:...", or empty

  // Nothing for what is no name: white space, templates, URLs, empty parts, capital letters in the
  // repository, a tag or digest that may not be one.
  static std::optional<ImageName> parse(std::string_view text);

  // "latest" if nothing says which one.
  std::string tag_or_latest() const { return tag.empty() && digest.empty() ? "latest" : tag; }
  std::string repository_name() const { return registry + "/" + repository; }
  // "docker.io/library/nginx:1.27@sha256:..."
  std::string str() const;

  friend auto operator<=>(const ImageName&, const ImageName&) = default;
};

// Whether `name` begins with a host.
bool begins_with_host(std::string_view name) noexcept;

}  // namespace tote::bundle::discover
