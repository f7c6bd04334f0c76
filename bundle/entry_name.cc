#include "bundle/entry_name.h"

#include "base/text.h"

#include <algorithm>
#include <climits>

namespace tote::bundle {

std::optional<std::string> clean_entry_name(std::string_view name) {
  if (name.size() > PATH_MAX) return std::nullopt;
  std::string slashes(name);
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  std::string out;
  for (const std::string& part : split(slashes, '/')) {
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    out += (out.empty() ? "" : "/") + part;
  }
  return out;
}

}  // namespace tote::bundle
