#include "bundle/upstream_path.h"

namespace tote::bundle {
namespace {

// Whether `name` stands in `path` as whole components.
bool stands_in(std::string_view path, std::string_view name) {
  for (std::size_t at = path.find(name); at != std::string_view::npos;
       at = path.find(name, at + 1)) {
    const bool begins = at == 0 || path[at - 1] == '/';
    const std::size_t end = at + name.size();
    if (begins && (end == path.size() || path[end] == '/')) return true;
  }
  return false;
}

}  // namespace

bool is_of_working_copy(std::string_view path) noexcept {
  return stands_in(path, kUpstreamFile) || stands_in(path, kUnfinishedUpdate);
}

}  // namespace tote::bundle
