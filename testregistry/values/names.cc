#include "testregistry/values/names.h"

#include <cstddef>

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

}  // namespace

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
