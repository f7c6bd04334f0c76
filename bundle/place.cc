#include "bundle/place.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tote::bundle {
namespace {

constexpr std::string_view kOci = "oci://";
constexpr std::string_view kDocker = "docker://";
constexpr std::size_t kMaxSubPath = 4096;  // bytes, as of a path of Linux

struct FilePrefix {
  std::string_view text;
  FileFormat format;
};
constexpr std::array<FilePrefix, 3> kFilePrefixes = {
    {{"oci-archive:", FileFormat::kOciArchive},
     {"docker-archive:", FileFormat::kDockerArchive},
     {"oci:", FileFormat::kLayout}}};

// Of skopeo, for what tote does not read. They would be tags of images of Docker Hub otherwise.
constexpr std::array<std::string_view, 5> kForeignPrefixes = {
    "containers-storage:", "dir:", "docker-daemon:", "ostree:", "sif:"};

constexpr const char* kKinds =
    "a place is an image (oci://HOST/PATH, docker://PATH), oci:DIRECTORY, oci-archive:FILE, "
    "docker-archive:FILE, or a path";

[[noreturn]] void refuse(std::string message, std::string hint = {}) {
  throw Error(ErrorKind::kParse, std::move(message)).with_hint(std::move(hint));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

// ---- paths -------------------------------------------------------------------------------------

bool is_plainly_a_path(std::string_view text) {
  return text == "." || text == ".." || text.starts_with('/') || text.starts_with("./") ||
         text.starts_with("../");
}

std::string path_text(const std::filesystem::path& path) {
  const std::string text = path.string();
  return is_plainly_a_path(text) ? text : "./" + text;
}

// ---- images ------------------------------------------------------------------------------------

bool has_host(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos &&
         text.substr(0, slash).find_first_of(".:") != std::string_view::npos;
}

// Takes "@DIGEST" off the end.
std::optional<oci::Digest> take_digest(std::string_view& text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const oci::Digest digest = oci::Digest::parse(text.substr(at + 1));
  text = text.substr(0, at);
  return digest;
}

// Takes ":TAG" off the end; a colon in front of a slash belongs to a port or to a path.
std::string take_tag(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos) return {};
  std::string tag(text.substr(colon + 1));
  if (!oci::is_tag(tag)) refuse(fmt::format("'{}' is no tag", tag));
  text = text.substr(0, colon);
  return tag;
}

// Takes "//SUB" off the end.
std::string take_sub_path(std::string_view& text) {
  const std::size_t slashes = text.find("//");
  if (slashes == std::string_view::npos) return {};
  std::string sub(text.substr(slashes + 2));
  check_sub_path(sub);
  text = text.substr(0, slashes);
  if (text.find(':', text.rfind('/') + 1) != std::string_view::npos && has_host(text))
    refuse(fmt::format("the tag stands in front of the path inside the image, '//{}'", sub),
           "the tag comes last: oci://HOST/PATH//SUB:TAG");
  return sub;
}

// "user:password@host/..." would be read as a digest, and shown.
void refuse_credentials(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && text.substr(0, slash).find('@') != std::string_view::npos)
    refuse("the name of an image holds no user and no password",
           "give them with --registry-username and --registry-password, or log in");
}

// What may be shown of a text that is no image: nothing in front of '@', unless a digest is behind.
std::string without_secrets(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || oci::Digest::try_parse(text.substr(at + 1)))
    return std::string(text);
  return "..." + std::string(text.substr(at));
}

enum class Host { kNeeded, kOrDockerHub };

RegistryPlace parse_image(std::string_view text, Host host) {
  refuse_credentials(text);
  RegistryPlace place;
  place.digest = take_digest(text);
  place.tag = take_tag(text);
  place.sub_path = take_sub_path(text);
  // Names are kept as text elsewhere, where a host without a dot or a port is no host.
  if (host == Host::kNeeded && (text.empty() || text.starts_with('/'))) refuse("there is no host");
  if (host == Host::kNeeded && !has_host(text))
    refuse(fmt::format("'{}' has no host with a dot or a port in front", text),
           fmt::format("write the port, as in oci://localhost:5000/app; an image of Docker Hub is "
                       "{}{}",
                       kDocker, text));
  if (host == Host::kOrDockerHub && text.starts_with("localhost/"))
    refuse(
        fmt::format("'{}' may be of this machine or of Docker Hub", text),
        "write the port, as in docker://localhost:5000/app, or docker://docker.io/localhost/app");
  place.repository = oci::Repository::parse(text);
  return place;
}

RegistryPlace parse_prefixed_image(std::string_view text, std::string_view prefix, Host host) {
  try {
    return parse_image(text.substr(prefix.size()), host);
  } catch (Error& error) {
    error.add_context(fmt::format("could not parse the place behind '{}'", prefix));
    throw;
  }
}

void refuse_sub_path(const RegistryPlace& place) {
  if (place.sub_path.empty()) return;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("'//{}' names a directory in the image, and the whole image is meant here",
                  place.sub_path))
      .with_hint("pull and get take a directory of an image");
}

// ---- without a prefix --------------------------------------------------------------------------

void refuse_foreign(std::string_view text) {
  for (const std::string_view prefix : kForeignPrefixes)
    if (text.starts_with(prefix)) refuse(fmt::format("tote does not read '{}'", prefix), kKinds);
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos && scheme < text.find('/'))
    refuse(fmt::format("'{}' is no kind of place", text.substr(0, scheme + 3)), kKinds);
}

// Whether somebody who writes this may mean an image though there is such a path.
bool says_image(const RegistryPlace& place, std::string_view text) {
  return has_host(text) || !place.tag.empty() || place.digest || !place.sub_path.empty();
}

Place parse_existing(std::string_view text) {
  const FilePlace file{FileFormat::kFound, std::string(text)};
  RegistryPlace image;
  try {
    image = parse_image(text, Host::kOrDockerHub);
  } catch (const Error&) {
    return file;
  }
  if (!says_image(image, text)) return file;
  refuse(fmt::format("'{}' may be a file or an image", text),
         fmt::format("the file is '{}', the image '{}'", to_text(file), to_text(image)));
}

// A mistyped name of an archive is not to be looked for in Docker Hub.
bool is_named_like_an_archive(std::string_view text) {
  constexpr std::array<std::string_view, 5> kEndings = {".tar", ".tgz", ".tar.gz", ".tar.xz",
                                                        ".tar.zst"};
  return !has_host(text) &&
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return text.ends_with(ending); });
}

Place parse_bare_image(std::string_view text) {
  if (is_named_like_an_archive(text))
    refuse(fmt::format("'{}' is no path that exists", text),
           fmt::format("an image of Docker Hub with such a name is written {}{}", kDocker, text));
  try {
    return parse_image(text, Host::kOrDockerHub);
  } catch (const Error& error) {
    refuse(fmt::format("'{}' is no path that exists, and no image: {}", without_secrets(text),
                       error.message()),
           error.hint().empty() ? kKinds : error.hint());
  }
}

// ---- to text -----------------------------------------------------------------------------------

std::string text_of(const RegistryPlace& place) {
  std::string text = std::string(kOci) + place.repository.name();
  if (!place.sub_path.empty()) text += "//" + place.sub_path;
  if (!place.tag.empty()) text += ":" + place.tag;
  if (place.digest) text += "@" + place.digest->str();
  return text;
}

std::string text_of(const FilePlace& place) {
  if (place.format == FileFormat::kFound) return path_text(place.path);
  const auto* const prefix =
      std::find_if(kFilePrefixes.begin(), kFilePrefixes.end(),
                   [&](const FilePrefix& candidate) { return candidate.format == place.format; });
  std::string path = place.path.string();
  // "oci:" in front of it would make a host of the rest.
  while (path.starts_with("//")) path.erase(0, 1);
  return std::string(prefix->text) + path;
}

std::string text_of(const StandardStream&) {
  return "-";
}

}  // namespace

oci::Reference RegistryPlace::reference() const {
  if (digest) return {repository, {}, digest};
  return {repository, tag.empty() ? "latest" : tag, {}};
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

Place parse_place(std::string_view text, const PathExists& exists) {
  if (text.empty()) refuse("expected a place, got ''", kKinds);
  if (text.find('\0') != std::string_view::npos) refuse("a place has no NUL in it");
  if (text == "-") return StandardStream{};
  if (text.starts_with(kOci)) return parse_prefixed_image(text, kOci, Host::kNeeded);
  if (text.starts_with(kDocker)) return parse_prefixed_image(text, kDocker, Host::kOrDockerHub);
  for (const auto& [prefix, format] : kFilePrefixes)
    if (text.starts_with(prefix)) {
      if (text.size() == prefix.size()) refuse(fmt::format("expected a path behind '{}'", prefix));
      return FilePlace{format, std::string(text.substr(prefix.size()))};
    }
  if (is_plainly_a_path(text)) return FilePlace{FileFormat::kFound, std::string(text)};
  if (exists(std::string(text))) return parse_existing(text);
  refuse_foreign(text);
  return parse_bare_image(text);
}

void check_sub_path(const std::string& path) {
  if (path.size() > kMaxSubPath)
    refuse(fmt::format("the path inside the image is longer than {} bytes", kMaxSubPath));
  if (std::any_of(path.begin(), path.end(), is_control))
    refuse("the path inside the image has control characters in it");
  for (const std::string& component : split(path, '/'))
    if (component.empty() || component == "." || component == "..")
      refuse(
          fmt::format("the path inside the image has an empty, '.' or '..' component: {}", path));
}

RegistryPlace parse_image_or_place(std::string_view text) {
  if (text.starts_with(kOci)) return parse_prefixed_image(text, kOci, Host::kNeeded);
  oci::Reference reference = oci::Reference::parse(text);
  return {std::move(reference.repository), {}, std::move(reference.tag), reference.digest};
}

oci::Reference parse_reference(std::string_view text) {
  const RegistryPlace place = parse_image_or_place(text);
  refuse_sub_path(place);
  return place.reference();
}

oci::Reference parse_tag_reference(std::string_view text) {
  return oci::Reference::parse_tag(without_oci(text));
}

std::string without_oci(std::string_view text) {
  if (!text.starts_with(kOci)) return std::string(text);
  refuse_sub_path(parse_image_or_place(text));
  return std::string(text.substr(kOci.size()));
}

std::string to_text(const Place& place) {
  return std::visit([](const auto& kind) { return text_of(kind); }, place);
}

}  // namespace tote::bundle
