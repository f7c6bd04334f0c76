#include "base/yaml_document.h"

#include <algorithm>

namespace tote {
namespace {

// Windows' editors put it in front; libyaml would count it as a column.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::vector<std::uint32_t> line_starts(std::string_view text, std::size_t first) {
  std::vector<std::uint32_t> starts{static_cast<std::uint32_t>(first)};
  for (std::size_t at = first; (at = yaml_line_end(text, at)) < text.size();) {
    at += yaml_break_length(text, at);
    starts.push_back(static_cast<std::uint32_t>(at));
  }
  return starts;
}

}  // namespace

std::size_t yaml_break_length(std::string_view text, std::size_t at) noexcept {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  if (rest.starts_with("\r\n")) return 2;
  if (rest.starts_with('\n') || rest.starts_with('\r')) return 1;
  if (rest.starts_with("\xc2\x85")) return 2;
  return rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9") ? 3 : 0;
}

std::size_t yaml_line_end(std::string_view text, std::size_t at) noexcept {
  while ((at = std::min(text.find_first_of("\r\n\xc2\xe2", at), text.size())) < text.size() &&
         yaml_break_length(text, at) == 0)
    ++at;
  return at;
}

Yaml::Document::Document(std::string_view text, std::string_view name)
    : origin(name),
      source(text),
      first(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

YamlMark Yaml::Document::mark(std::size_t offset) const {
  if (lines_.empty()) lines_ = line_starts(source, first);
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  return {offset, static_cast<std::size_t>(next - lines_.begin()), offset - *(next - 1) + 1};
}

}  // namespace tote
