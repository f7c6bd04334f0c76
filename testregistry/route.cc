#include "testregistry/route.h"

#include "base/text.h"

#include <algorithm>
#include <vector>

namespace tote::testregistry {
namespace {

bool is_lower_alnum(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// ".", "_", "__" or any number of "-".
bool is_separator(std::string_view text) noexcept {
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && text.find_first_not_of('-') == std::string_view::npos);
}

bool is_component(std::string_view text) noexcept {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_lower_alnum(text[end]) == is_lower_alnum(text[i])) ++end;
    if (!is_lower_alnum(text[i]) && !is_separator(text.substr(i, end - i))) return false;
    i = end;
  }
  return true;
}

std::string join(const std::vector<std::string>& parts, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : "/") + parts[i];
  return out;
}

// What the last parts of the path say; how many they are goes to `used`.
Endpoint recognise(const std::vector<std::string>& parts, std::size_t& used) {
  const auto part = [&](std::size_t from_end) -> std::string_view {
    return from_end <= parts.size() ? std::string_view(parts[parts.size() - from_end])
                                    : std::string_view();
  };
  used = 2;
  if (part(2) == "tags" && part(1) == "list") return Endpoint::kTags;
  if (part(2) == "manifests") return Endpoint::kManifest;
  if (part(2) == "referrers") return Endpoint::kReferrers;
  if (part(2) == "blobs") return part(1) == "uploads" ? Endpoint::kUploads : Endpoint::kBlob;
  used = 3;
  if (part(3) == "blobs" && part(2) == "uploads")
    return part(1).empty() ? Endpoint::kUploads : Endpoint::kUpload;
  return Endpoint::kNone;
}

}  // namespace

Route parse_route(std::string_view path) {
  if (path == "/v2/" || path == "/v2") return {Endpoint::kBase, "", ""};
  if (path == "/v2/_catalog") return {Endpoint::kCatalog, "", ""};
  if (!path.starts_with("/v2/")) return {};
  const std::vector<std::string> parts = split(path.substr(4), '/');
  std::size_t used = 0;
  const Endpoint endpoint = recognise(parts, used);
  if (endpoint == Endpoint::kNone || used >= parts.size()) return {};
  std::string name = join(parts, parts.size() - used);
  if (!is_repository_name(name)) return {Endpoint::kInvalidName, "", ""};
  return {endpoint, std::move(name), parts.back()};
}

bool is_repository_name(std::string_view name) noexcept {
  if (name.size() > 255) return false;
  for (;;) {
    const std::size_t slash = name.find('/');
    if (!is_component(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_tag_name(std::string_view tag) noexcept {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !tag.empty() && tag.size() <= 128 && tag[0] != '.' && tag[0] != '-' &&
         tag.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace tote::testregistry
