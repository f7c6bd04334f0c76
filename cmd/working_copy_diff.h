// diff of a working copy.
#pragma once

#include "cmd/cli/command.h"
#include "cmd/cli/concurrency_flag.h"
#include "registry/client.h"

#include <string>

namespace tote::cmd {

struct WorkingCopyDiff {
  std::string type;  // "" for what suits the argument
  std::string tool;  // a program that shows it instead
  std::string tool_options;

  // Flags that need no more than one argument: Error{kUsage} with two.
  void add_to(FlagSet& flags);
  void refuse_two_places() const;

  // `argument`: DIR[@VERSION]. Exit code 3 where there is a difference.
  void run(const std::string& argument, bool patch, registry::Client& client,
           const Concurrency& concurrency, CommandContext& context) const;
};

}  // namespace tote::cmd
