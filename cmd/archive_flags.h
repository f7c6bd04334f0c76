// --tar and --layout of the commands that can read an archive instead of a registry.
#pragma once

#include "cmd/cli/flags.h"

#include <string>

namespace tote::cmd {

struct ArchiveFlags {
  std::string tar;
  std::string layout;

  // Only one of them may be given.
  void add_to(FlagSet& flags);
  bool is_given() const { return !path().empty(); }
  const std::string& path() const { return tar.empty() ? layout : tar; }
};

}  // namespace tote::cmd
