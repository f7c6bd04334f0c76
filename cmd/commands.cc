#include "cmd/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tote::cmd {
namespace {

// Where the commands of a group are; the group is made for the first of them.
std::vector<Command>& commands_of(Command& root, const char* name) {
  if (std::string_view(name).empty()) return root.subcommands;
  const auto found = std::find_if(root.subcommands.begin(), root.subcommands.end(),
                                  [&](const Command& command) { return command.name == name; });
  if (found != root.subcommands.end()) return found->subcommands;
  Command group;
  group.name = name;
  root.subcommands.push_back(std::move(group));
  return root.subcommands.back().subcommands;
}

void set_summaries(std::vector<Command>& commands) {
  for (Command& command : commands)
    for (const CommandGroup& group : kCommandGroups)
      if (command.name == group.name) {
        command.summary = fmt::format("{} ({})", group.summary, subcommand_names(command));
        command.is_unlisted = group.is_unlisted;
      }
}

}  // namespace

Command root_command(const std::string& program) {
  Command root;
  root.name = program;
  for (const CommandRow& row : kCommands) commands_of(root, row.group).push_back(row.make());
  set_summaries(root.subcommands);
  root.summary = fmt::format(
      "{} stores configuration and image references as OCI artifacts, and carries them between "
      "registries and archives ({})",
      program, subcommand_names(root));
  return root;
}

}  // namespace tote::cmd
