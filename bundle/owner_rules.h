// Who owns what in an image, whoever owns it on the disk.
#pragma once

#include "bundle/push_files.h"

#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// A path in the image and all that is below it.
struct OwnerRule {
  std::string path;  // relative; empty: everything
  Owner owner;
};

// "PATH=UID" or "PATH=UID:GID"; the group is UID if it does not say. Numbers only: an image needs
// no list of names. Error{kUsage} with the reason alone.
OwnerRule parse_owner_rule(std::string_view text);

// Of several rules for one file the last counts. Error{kUsage} for one that is about none.
void apply_owner_rules(const std::vector<OwnerRule>& rules, std::vector<PushFile>& files);

}  // namespace tote::bundle
