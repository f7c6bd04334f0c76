// The flags that say how progress is shown, which all commands share that take their time.
#pragma once

#include "cmd/cli/command.h"
#include "cmd/cli/flags.h"

#include <string>

namespace tote::cmd {

enum class ProgressStyle { kNone, kPlain, kBar, kJson, kImgpkg };

struct ProgressFlags {
  std::string style = "auto";
  bool quiet = false;
  std::string file;  // gets the events of kJson, whatever stderr gets

  void add_to(FlagSet& flags);
  // To be called as soon as flags are parsed (Command::prepare): from then on stderr is JSON Lines,
  // if that was asked for, whatever goes wrong.
  void prepare(CommandContext& context) const;
  // `auto` is a bar on a terminal that can draw one, and under imgpkg's name what imgpkg says.
  ProgressStyle chosen(const CommandContext& context) const;
};

}  // namespace tote::cmd
