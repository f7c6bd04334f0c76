// What stands in the way of files that are to be put into a directory. Internal to working_copy/.
#pragma once

#include "bundle/working_copy/merge_trees.h"

#include <string>
#include <vector>

namespace tote::bundle::working_copy {

struct PutFile {
  std::string name;
  std::string source;
};

// Files and links that stay where a directory is to be, and directories with something in them that
// stays where a file is to be. `removed` is sorted. Error{kIo}.
void find_obstacles(const Tree& here, const std::vector<std::string>& removed,
                    const std::vector<PutFile>& put, std::vector<Obstacle>& obstacles);

}  // namespace tote::bundle::working_copy
