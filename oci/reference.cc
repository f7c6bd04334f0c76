#include "oci/reference.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

namespace tote::oci {
namespace {

constexpr std::string_view kDockerHub = "index.docker.io";
constexpr std::string_view kRepositoryCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
constexpr std::string_view kTagCharacters =
    "abcdefghijklmnopqrstuvwxyz0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool consists_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kParse, std::move(message));
}

// An authority and nothing else (RFC 3986, 3.2): anything more could move the request elsewhere.
void check_registry(std::string_view registry) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  if (!consists_of(registry, kAllowed))
    refuse(fmt::format("registries must be valid RFC 3986 URI authorities: {}", registry));
}

void check_path(std::string_view path) {
  if (path.size() < 2 || path.size() > 255)
    refuse(fmt::format("repository must be between 2 and 255 characters in length: {}", path));
  if (!consists_of(path, kRepositoryCharacters))
    refuse(fmt::format("repository can only contain the characters `{}`: {}", kRepositoryCharacters,
                       path));
  for (const std::string& component : split(path, '/'))
    if (component.empty() || component == "." || component == "..")
      refuse(fmt::format("repository has an empty, '.' or '..' component: {}", path));
}

void check_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128)
    refuse(fmt::format("tag must be between 1 and 128 characters in length: {}", tag));
  if (!consists_of(tag, kTagCharacters))
    refuse(fmt::format("tag can only contain the characters `{}`: {}", kTagCharacters, tag));
}

// Splits "base:tag"; a colon before a slash belongs to a port.
std::pair<std::string_view, std::string_view> split_tag(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos)
    return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

constexpr std::size_t kDigestTagHex = 64;  // digits

}  // namespace

Repository Repository::parse(std::string_view name) {
  if (name.empty()) refuse("a repository name must be specified");
  Repository repository{std::string(kDockerHub), std::string(name)};
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  if (slash != std::string_view::npos && first.find_first_of(".:") != std::string_view::npos)
    repository = {std::string(first), std::string(name.substr(slash + 1))};
  if (repository.registry == "docker.io") repository.registry = kDockerHub;
  check_registry(repository.registry);
  check_path(repository.path);
  if (repository.registry == kDockerHub && repository.path.find('/') == std::string::npos)
    repository.path.insert(0, "library/");
  return repository;
}

Reference Reference::parse_tag(std::string_view text) {
  const auto [base, tag] = split_tag(text);
  Reference reference{Repository::parse(base), tag.empty() ? "latest" : std::string(tag), {}};
  check_tag(reference.tag);
  return reference;
}

std::optional<Reference> Reference::try_parse_digest(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::optional<Digest> digest = Digest::try_parse(text.substr(at + 1));
  if (!digest) return std::nullopt;
  try {
    return Reference{parse_tag(text.substr(0, at)).repository, {}, digest};
  } catch (const Error&) {
    return std::nullopt;
  }
}

Reference Reference::parse(std::string_view text) {
  if (std::optional<Reference> reference = try_parse_digest(text)) return *std::move(reference);
  try {
    return parse_tag(text);
  } catch (const Error& reason) {
    const std::size_t scheme = text.find("://");
    throw Error(ErrorKind::kParse, std::string(text))
        .add_context("could not parse reference")
        .with_hint(scheme == std::string_view::npos
                       ? reason.message()
                       : fmt::format("leave '{}' away", text.substr(0, scheme + 3)));
  }
}

std::string Reference::name() const {
  return digest ? digest_reference(repository, *digest)
                : fmt::format("{}:{}", repository.name(), tag);
}

std::string digest_reference(const Repository& repository, const Digest& digest) {
  return fmt::format("{}@{}", repository.name(), digest.str());
}

std::string digest_tag(const Digest& digest) {
  return fmt::format("{}-{}", digest.algorithm_name(), digest.hex().substr(0, kDigestTagHex));
}

bool is_digest_tag(std::string_view tag) noexcept {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (!tag.starts_with("sha256-") && !tag.starts_with("sha512-")) return false;
  const std::string_view hex = tag.substr(tag.find('-') + 1);
  return hex.size() == kDigestTagHex && hex.find_first_not_of(kHex) == std::string_view::npos;
}

bool is_tag(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && consists_of(text, kTagCharacters);
}

}  // namespace tote::oci
