#include "bundle/relocated_name.h"

#include "base/error.h"
#include "base/text.h"
#include "bundle/image_tags.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle {
namespace {

constexpr std::string_view kDockerHub = "index.docker.io";
constexpr std::size_t kShortDigest = 12;

// A colon behind the last slash begins a tag; others belong to ports, or stand in a field.
bool has_tag(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos;
}

std::string field(std::string_view name, const OriginalName& original, const oci::Digest& digest) {
  const std::string& path = original.repository.path;
  if (name == "Registry") return registry_in_path(original.repository.registry);
  if (name == "Repository") return path;
  if (name == "Last") return path.substr(path.rfind('/') + 1);
  if (name == "Tag") return original.tag.empty() ? default_tag(digest) : original.tag;
  return digest.hex().substr(0, kShortDigest);
}

}  // namespace

OriginalName parse_original_name(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::string_view named = text.substr(0, at);
  if (at != std::string_view::npos) oci::Digest::parse(text.substr(at + 1));
  oci::Reference reference = oci::Reference::parse_tag(named);
  const bool is_tagged = at == std::string_view::npos || has_tag(named);
  return {std::move(reference.repository), is_tagged ? std::move(reference.tag) : std::string()};
}

OriginalName original_name(const LockedImage& image) {
  const auto id = image.annotations.find(std::string(kOriginalNameAnnotation));
  if (id != image.annotations.end()) {
    try {
      return parse_original_name(id->second);
    } catch (const Error&) {
      // kbld's ids may be any text, such as the name of something that was built.
    }
  }
  return {image.reference.repository, {}};
}

std::string registry_in_path(std::string_view registry) {
  if (registry == kDockerHub) return "docker.io";
  std::string text;
  for (const char c : to_lower(registry)) {
    const bool is_left_open = text.empty() || text.back() == '_';
    if (c == '[') continue;
    if (c == ']')
      text += is_left_open ? "0" : "";  // "fe80::" is "fe80::0"
    else if (c == ':')
      text += text.empty() ? "0_" : "_";  // "::1" is "0::1"
    else
      text += c;
  }
  return text;
}

RelocatedName RelocatedName::under(std::string_view prefix, bool strip_registry) {
  std::string_view path = prefix;
  while (path.ends_with('/')) path.remove_suffix(1);
  try {
    if (path.find('/') != std::string_view::npos && has_tag(path))
      throw Error(ErrorKind::kUsage, "each image gets a tag of its own below it");
    oci::Repository::parse(fmt::format("{}/xx", path));
  } catch (const Error& reason) {
    throw Error(ErrorKind::kUsage, fmt::format("prefix '{}': {}", prefix, reason.message()));
  }
  return from_template(
      fmt::format("{}/{}{{{{.Repository}}}}", path, strip_registry ? "" : "{{.Registry}}/"));
}

RelocatedName RelocatedName::from_template(std::string_view text) {
  const std::string whole =
      has_tag(text) ? std::string(text) : fmt::format("{}:{{{{.Tag}}}}", text);
  return RelocatedName(
      FieldTemplate::parse(whole, {"Registry", "Repository", "Last", "Tag", "Digest12"}));
}

oci::Reference RelocatedName::of(const OriginalName& original, const oci::Digest& digest) const {
  const std::string text =
      template_.fill([&](std::string_view name) { return field(name, original, digest); });
  try {
    if (text.find('@') != std::string::npos)
      throw Error(ErrorKind::kUsage, "a digest is no place to copy to");
    return oci::Reference::parse_tag(text);
  } catch (const Error& reason) {
    throw Error(ErrorKind::kUsage, fmt::format("'{}' can not be copied to '{}': {}",
                                               original.name(), text, reason.message()));
  }
}

}  // namespace tote::bundle
