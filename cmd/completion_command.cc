#include "base/error.h"
#include "cmd/cli/completion.h"
#include "cmd/commands.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

std::string script(const std::string& shell, CommandContext& context) {
  const Command root = root_command(context.ui.program());
  if (shell == "bash") return bash_completion(root, context.global_flags);
  if (shell == "zsh") return zsh_completion(root, context.global_flags);
  if (shell == "fish") return fish_completion(root, context.global_flags);
  throw Error(ErrorKind::kUsage, fmt::format("invalid argument \"{}\" for \"{} completion\"", shell,
                                             context.ui.program()))
      .with_hint("there are scripts for bash, zsh and fish");
}

void run(CommandContext& context) {
  context.ui.now(script(context.arguments.front(), context));
}

}  // namespace

Command completion_command() {
  Command command;
  command.name = "completion";
  command.summary = "Generate completion script";
  command.examples =
      "  # For this shell\n"
      "  source <(tote completion bash)\n\n"
      "  # For every zsh\n"
      "  tote completion zsh > \"${fpath[1]}/_tote\"";
  command.arguments = {{.name = "SHELL", .words = {"bash", "zsh", "fish"}}};
  // imgpkg's library makes it by itself, and does not list it.
  command.is_unlisted = true;
  command.run = run;
  return command;
}

}  // namespace tote::cmd
