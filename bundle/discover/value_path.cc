#include "bundle/discover/value_path.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kDigits = "0123456789";

// Takes one part, without what separates it from the others, off the front.
std::optional<std::string> take_part(std::string_view& text) {
  std::size_t end = 0;
  std::string part;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    part = text.substr(1, end - 1);
    if (part.empty() || part.find_first_not_of(kDigits) != std::string::npos) return std::nullopt;
    ++end;
  } else if (text.starts_with('"')) {
    end = text.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    part = text.substr(1, end - 1);
    ++end;
  } else {
    end = std::min(text.find_first_of(".[]\" "), text.size());
    if (end == 0) return std::nullopt;
    part = text.substr(0, end);
  }
  text.remove_prefix(end);
  return part;
}

}  // namespace

std::optional<ValuePath> parse_path(std::string_view text) {
  ValuePath path;
  while (!text.empty()) {
    std::optional<std::string> part = take_part(text);
    if (!part) return std::nullopt;
    path.push_back(std::move(*part));
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (text.empty() || text.starts_with('[')) return std::nullopt;
    } else if (!text.empty() && !text.starts_with('[')) {
      return std::nullopt;
    }
  }
  if (path.empty()) return std::nullopt;
  return path;
}

}  // namespace tote::bundle::discover
