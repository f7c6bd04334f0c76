#include "base/environment.h"

#include <string_view>
#include <unistd.h>

namespace tote {

Environment Environment::of_process() {
  Environment found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    // Of a name that is there twice the first counts, as for getenv().
    if (equals != std::string_view::npos)
      found.variables_.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

std::string Environment::get(const std::string& name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? std::string() : found->second;
}

std::vector<std::string> Environment::lines() const {
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables_) lines.push_back(name + "=" + value);
  return lines;
}

}  // namespace tote
