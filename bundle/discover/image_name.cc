#include "bundle/discover/image_name.h"

#include "base/error.h"
#include "oci/reference.h"

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kDockerHub = "docker.io";

// Takes what stands behind `separator` off the end of `text`.
std::string take_behind(std::string_view& text, std::size_t separator) {
  std::string taken(text.substr(separator + 1));
  text = text.substr(0, separator);
  return taken;
}

bool is_digest(const std::string& text) {
  try {
    oci::Digest::parse(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_repository(const std::string& name) {
  try {
    oci::Repository::parse(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool begins_with_host(std::string_view name) noexcept {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view first = name.substr(0, slash);
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos;
}

std::optional<ImageName> ImageName::parse(std::string_view text) {
  ImageName name;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    name.digest = take_behind(text, at);
    if (!is_digest(name.digest)) return std::nullopt;
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    name.tag = take_behind(text, colon);
    if (!oci::is_tag(name.tag)) return std::nullopt;
  }
  name.registry = kDockerHub;
  if (begins_with_host(text)) {
    name.registry = text.substr(0, text.find('/'));
    text.remove_prefix(name.registry.size() + 1);
  }
  if (name.registry == "index.docker.io") name.registry = kDockerHub;
  name.repository = text;
  if (name.registry == kDockerHub && text.find('/') == std::string_view::npos)
    name.repository.insert(0, "library/");
  // Below a path and a host of our own, since a repository of one letter is refused there, and
  // "localhost" is no host.
  if (text.empty() || !is_repository("host.invalid/x/" + name.repository)) return std::nullopt;
  if (!is_repository(name.registry == "localhost" ? "host.invalid/xx" : name.registry + "/xx"))
    return std::nullopt;
  return name;
}

std::string ImageName::str() const {
  std::string text = repository_name();
  if (!tag.empty()) text += ":" + tag;
  if (!digest.empty()) text += "@" + digest;
  return text;
}

}  // namespace tote::bundle::discover
