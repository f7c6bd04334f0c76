#include "bundle/image_tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tote::bundle {
namespace {

constexpr std::size_t kMaxRepositoryPart = 49;
constexpr std::size_t kMaxTag = 128;     // OCI distribution specification, "Pulling manifests"
constexpr std::size_t kDigestPart = 12;  // hex digits: enough to tell a few images apart

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Only what a tag may hold, and nothing before the first character that may begin one.
std::string cleaned(std::string_view text) {
  text.remove_prefix(
      static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_word) - text.begin()));
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return is_word(c) || c == '.' || c == '-'; });
  return out;
}

}  // namespace

std::string default_tag(const oci::Digest& digest) {
  return fmt::format("{}.imgpkg", oci::digest_tag(digest));
}

std::string locations_tag(const oci::Digest& bundle) {
  return fmt::format("{}.image-locations.imgpkg", oci::digest_tag(bundle));
}

std::string image_names_tag(const oci::Digest& bundle) {
  return fmt::format("{}.image-names.imgpkg", oci::digest_tag(bundle));
}

std::string with_repository(const oci::CarriedImage& image, const std::string& end) {
  const std::string origin = image.known_as.empty() ? image.reference() : image.known_as;
  std::string path = origin.substr(0, origin.find('@'));
  path.erase(0, path.find('/') + 1);
  std::replace(path.begin(), path.end(), '/', '-');
  path = cleaned(path);
  const std::size_t room =
      std::min(kMaxRepositoryPart, kMaxTag - std::min(kMaxTag, end.size() + 1));
  if (path.size() > room) path = path.substr(path.size() - room);
  path = cleaned(path);
  const std::string tag = fmt::format("{}-{}", path, end);
  return tag.starts_with('-') ? tag.substr(1) : tag;
}

std::string with_digest(const std::string& tag, const oci::Digest& digest) {
  return fmt::format("{}-{}", tag.substr(0, kMaxTag - kDigestPart - 1),
                     digest.hex().substr(0, kDigestPart));
}

std::string repository_based_tag(const oci::CarriedImage& image) {
  return with_repository(image, default_tag(image.target.digest));
}

}  // namespace tote::bundle
