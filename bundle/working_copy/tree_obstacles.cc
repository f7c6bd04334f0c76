#include "bundle/working_copy/tree_obstacles.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sys/stat.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

class Search {
 public:
  Search(const Tree& here, const std::vector<std::string>& removed,
         std::vector<Obstacle>& obstacles)
      : here_(here), removed_(removed), obstacles_(obstacles) {}

  void look_at(const std::string& name) {
    look_above(name);
    look_below(name);
    for (const std::string& nested : here_.nested)
      if (is_in(nested, name) || is_in(name, nested))
        add(nested, "it is a working copy of its own, and upstream something new has that name");
  }

 private:
  bool is_removed(const std::string& name) const {
    return std::binary_search(removed_.begin(), removed_.end(), name);
  }

  void add(const std::string& name, const char* why) {
    if (said_.insert(name).second) obstacles_.push_back({name, why});
  }

  void look_above(const std::string& name) {
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string above = name.substr(0, slash);
      const auto found = here_.entries.find(above);
      if (found != here_.entries.end() && found->second.kind != EntryKind::kDirectory &&
          !is_removed(above))
        add(above, "it is a directory upstream, and none here");
    }
  }

  // Also what is no part of a package.
  void look_below(const std::string& name) {
    const auto found = here_.entries.find(name);
    if (found == here_.entries.end() || found->second.kind != EntryKind::kDirectory) return;
    for (const auto& [below, identity] : identities_of(here_.root / name))
      if (!S_ISDIR(identity.type) && !is_removed(name + "/" + below))
        return add(name, "it is a file upstream, and a directory here that holds other files");
  }

  const Tree& here_;
  const std::vector<std::string>& removed_;
  std::vector<Obstacle>& obstacles_;
  std::set<std::string> said_;
};

}  // namespace

void find_obstacles(const Tree& here, const std::vector<std::string>& removed,
                    const std::vector<PutFile>& put, std::vector<Obstacle>& obstacles) {
  Search search(here, removed, obstacles);
  for (const PutFile& file : put) search.look_at(file.name);
}

}  // namespace tote::bundle::working_copy
