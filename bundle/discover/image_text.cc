#include "bundle/discover/image_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kDockerScheme = "docker://";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
bool is_in_names(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("._-/:@").find(c) != std::string_view::npos;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// "IMAGE_PULL_POLICY", "image-pull-policy" and "imagePullPolicy" are the same three words.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool is_inside = false;
  char before = 0;
  for (const char c : name) {
    const bool begins = !is_inside || (is_upper(c) && !is_upper(before));
    is_inside = is_letter(c) || is_digit(c);
    if (is_inside && begins) words.emplace_back();
    if (is_inside) words.back() += c;
    before = c;
  }
  for (std::string& word : words) word = to_lower(word);
  return words;
}

constexpr std::array<std::string_view, 22> kNoImages{
    "addr",   "address", "endpoint",  "host",    "hostname", "interval",   "password", "period",
    "policy", "port",    "pull",      "refresh", "registry", "repository", "secret",   "secrets",
    "server", "size",    "threshold", "timeout", "token",    "username"};
constexpr std::array<std::string_view, 20> kArtifacts{
    "artifact", "artifacts", "bundle",   "bundles", "chart",     "charts",   "database",
    "db",       "module",    "modules",  "plugin",  "plugins",   "policies", "policy",
    "rules",    "ruleset",   "rulesets", "sbom",    "signature", "wasm"};

// A run of characters that names are made of, with nothing around it that would make it a part of
// something else.
struct Token {
  std::size_t offset;
  std::string_view text;
};

bool may_stand_before(char c) {
  return std::string_view(" \t\r\n\"'=,;[(`<>|").find(c) != std::string_view::npos;
}
bool may_stand_behind(char c) {
  return std::string_view(" \t\r\n\"',;])}`<>|&\\").find(c) != std::string_view::npos;
}

Token without_ends(Token token) {
  if (token.text.starts_with(kDockerScheme)) {
    token.offset += kDockerScheme.size();
    token.text.remove_prefix(kDockerScheme.size());
  }
  while (token.text.ends_with('.') || token.text.ends_with(':')) token.text.remove_suffix(1);
  return token;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_in_names(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_in_names(text[end])) ++end;
    const bool is_alone = (begin == 0 || may_stand_before(text[begin - 1])) &&
                          (end == text.size() || may_stand_behind(text[end]));
    if (is_alone) tokens.push_back(without_ends({begin, text.substr(begin, end - begin)}));
    begin = end;
  }
  return tokens;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// "registry.local:5000", "10:30".
bool is_host_and_port(std::string_view token, const ImageName& name) {
  if (token.find('/') != std::string_view::npos || !is_number(name.tag)) return false;
  const std::string_view host = token.substr(0, token.find(':'));
  return host == "localhost" || host.find('.') != std::string_view::npos || is_number(host);
}

// "v1", "v1beta1": of "apps.example.com/v1:Deployment".
bool is_api_version(std::string_view text) {
  return text.size() >= 2 && text[0] == 'v' && is_digit(text[1]);
}

// Keys of labels, annotations and taints have the form of a repository: "kubernetes.io/os:linux".
bool is_label(const ImageName& name) {
  constexpr std::array<std::string_view, 7> kNoTags{
      "NoSchedule", "NoExecute", "PreferNoSchedule", "ro", "rw", "z", "Z"};
  const std::string& host = name.registry;
  if (contains(kNoTags, name.tag) || is_api_version(name.repository)) return true;
  if (host == "kubernetes.io" || host == "k8s.io" || host.ends_with(".kubernetes.io")) return true;
  return host.ends_with(".k8s.io") && host.find("registry") == std::string::npos;
}

// "r.io", "r.io:5000", "10.0.0.1", but not "v1.2" or "config.d".
bool is_likely_host(std::string_view host) {
  if (host.find(':') != std::string_view::npos || host == "localhost") return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (is_number(last)) return std::count(host.begin(), host.end(), '.') == 3;
  return last.size() >= 2;
}

bool is_precise(const ImageName& name) {
  return !name.tag.empty() || !name.digest.empty();
}

bool is_meant(const Token& token, const ImageName& name, bool is_named) {
  if (!is_precise(name) || is_host_and_port(token.text, name)) return false;
  if (is_named) return true;
  return begins_with_host(token.text) && is_likely_host(name.registry) && !is_label(name);
}

// What `text` is set to something that begins at `offset`: the word in front of ":" or "=".
std::string_view key_before(std::string_view text, std::size_t offset) {
  const auto back_over = [&](std::string_view set) {
    while (offset > 0 && set.find(text[offset - 1]) != std::string_view::npos) --offset;
  };
  back_over("\"'");
  back_over(" \t");
  if (offset == 0 || (text[offset - 1] != ':' && text[offset - 1] != '=')) return {};
  --offset;
  back_over(" \t");
  back_over("\"'");
  const std::size_t end = offset;
  while (offset > 0 && is_in_names(text[offset - 1]) && text[offset - 1] != ':') --offset;
  return text.substr(offset, end - offset);
}

}  // namespace

bool setting_is_image(std::string_view name) {
  bool is_image = false;
  for (const std::string& word : words_of(name)) {
    if (word.find("image") != std::string::npos)
      is_image = true;
    else if (is_image && contains(kNoImages, word))
      is_image = false;
  }
  return is_image;
}

bool setting_is_artifact(std::string_view name) {
  if (setting_is_image(name)) return false;
  const std::vector<std::string> words = words_of(name);
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return contains(kArtifacts, word); });
}

std::vector<TextImage> images_in_setting(std::string_view name, std::string_view value) {
  std::vector<TextImage> images;
  const bool is_named = setting_is_image(name);
  for (const Token& token : tokens_of(value)) {
    const std::optional<ImageName> image = ImageName::parse(token.text);
    const bool is_counted =
        image &&
        is_meant(token, *image, is_named || setting_is_image(key_before(value, token.offset)));
    if (is_counted) images.push_back({token.offset, token.text.size(), *image});
  }
  return images;
}

std::vector<TextImage> images_in_lines(std::string_view text) {
  std::vector<TextImage> images;
  for (const Token& token : tokens_of(text)) {
    if (!setting_is_image(key_before(text, token.offset))) continue;
    const std::optional<ImageName> image = ImageName::parse(token.text);
    if (image && is_meant(token, *image, true))
      images.push_back({token.offset, token.text.size(), *image});
  }
  return images;
}

}  // namespace tote::bundle::discover
