#include "bundle/discover/key_words.h"

#include <algorithm>
#include <array>

namespace tote::bundle::discover {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_separator(char c) {
  return c == '_' || c == '-' || c == '.' || c == '/' || c == ' ';
}

// "sidecarImage": in front of the "I"; "OCIImage": in front of the last "I".
bool begins_word(std::string_view key, std::size_t at) {
  if (at == 0 || !is_upper(key[at])) return false;
  if (!is_upper(key[at - 1])) return true;
  return at + 1 < key.size() && is_lower(key[at + 1]);
}

constexpr std::array<std::string_view, 14> kArtifacts{
    "artifact", "artifacts", "bundle",  "bundles",  "charts", "checks", "package",
    "packages", "plugin",    "plugins", "policies", "policy", "rules",  "wasm"};

}  // namespace

std::vector<std::string> words_of(std::string_view key) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t at = 0; at < key.size(); ++at) {
    if ((is_separator(key[at]) || begins_word(key, at)) && !word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
    if (!is_separator(key[at])) word += lower(key[at]);
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string folded(std::string_view key) {
  std::string text;
  for (const char c : key)
    if (!is_separator(c)) text += lower(c);
  return text;
}

bool is_image_key(std::string_view key) {
  const std::vector<std::string> words = words_of(key);
  return !words.empty() && words.back() == "image";
}

bool is_images_key(std::string_view key) {
  const std::vector<std::string> words = words_of(key);
  return !words.empty() && words.back() == "images";
}

bool says_image(std::string_view key) {
  const std::vector<std::string> words = words_of(key);
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "image" || word == "images"; });
}

bool says_artifact(std::string_view key) {
  const std::vector<std::string> words = words_of(key);
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return std::find(kArtifacts.begin(), kArtifacts.end(), word) != kArtifacts.end();
  });
}

}  // namespace tote::bundle::discover
